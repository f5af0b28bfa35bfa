"""The header of every console page: what is stopped, and the panel that stops (KIL-01)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from governance.domain.switch_words import PRESET_REASONS, SwitchWords, list_general_kinds, switch_words
from governance.models import Agent, KillSwitch, User, Workspace
from governance.selectors.access import holds_anywhere, list_workspaces
from governance.selectors.break_glass import list_open_glasses
from governance.selectors.breaker_board import list_open_breakers
from governance.selectors.switches import list_stoppable_agents

SEEN_BY = ("view_requests", "engage_switches", "lift_switches")


@dataclass(frozen=True, slots=True)
class Banner:
    """One stop in a sentence."""

    words: str
    workspace: str
    slug: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class StopPanel:
    """What the person may stop, and the reasons that one click gives."""

    workspaces: tuple[Workspace, ...]
    agents: tuple[Agent, ...]
    kinds: tuple[tuple[str, SwitchWords], ...]
    reasons: tuple[str, ...] = PRESET_REASONS


def get_header(request: HttpRequest) -> dict[str, Any]:
    """Template context: `banners` of the stops in force in the person's workspaces; `stop_panel`, None for who may not
    stop anything; `glasses` of what is broken open. Three queries, and two more for those who may stop."""
    if not isinstance(request.user, User):
        return {"banners": (), "open_breakers": (), "glasses": (), "stop_panel": None}
    seen = list_workspaces(request.user, *SEEN_BY)
    rows = KillSwitch.objects.filter(workspace__in=seen, lifted_at__isnull=True)
    found = rows.select_related("agent", "workspace").order_by("-engaged_at")[:20]
    return {
        "banners": tuple(_banner(switch) for switch in found),
        "open_breakers": list_open_breakers(seen),
        "glasses": list_open_glasses(request.user),
        "stop_panel": _panel(request.user),
    }


def _banner(switch: KillSwitch) -> Banner:
    words = f"{switch.agent.name} is stopped" if switch.agent else switch_words(switch.kind).in_force
    return Banner(words, switch.workspace.name, switch.workspace.slug, switch.reason, switch.engaged_by)


def _panel(user: User) -> StopPanel | None:
    if not holds_anywhere(user, "engage_switches"):
        return None
    workspaces = tuple(list_workspaces(user, "engage_switches").order_by("slug"))
    agents = tuple(list_stoppable_agents(workspaces))
    return StopPanel(workspaces, agents, tuple((kind.value, switch_words(kind)) for kind in list_general_kinds()))
