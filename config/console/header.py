"""The header of every console page: which stops are in force, so that nobody wonders why nothing moves (KIL-01)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from governance.models import KillSwitch, User
from governance.selectors.access import list_workspaces

SEEN_BY = ("view_requests", "engage_switches", "lift_switches")
_WORDS = {
    "all": "Everything is stopped",
    "write_back": "Write-back is off",
    "read_only": "Agents may only read",
}


@dataclass(frozen=True, slots=True)
class Banner:
    """One stop in a sentence."""

    words: str
    workspace: str
    reason: str
    by: str


def get_header(request: HttpRequest) -> dict[str, Any]:
    """Template context: `banners` of the stops in force in the person's workspaces. One query."""
    if not isinstance(request.user, User):
        return {"banners": ()}
    rows = KillSwitch.objects.filter(workspace__in=list_workspaces(request.user, *SEEN_BY), lifted_at__isnull=True)
    found = rows.select_related("agent", "workspace").order_by("-engaged_at")[:20]
    return {"banners": tuple(_banner(switch) for switch in found)}


def _banner(switch: KillSwitch) -> Banner:
    words = f"{switch.agent.name} is stopped" if switch.agent else _WORDS.get(switch.kind, switch.kind)
    return Banner(words, switch.workspace.name, switch.reason, switch.engaged_by)
