"""The header of every console page: what is stopped, and the panel that stops (KIL-01)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from governance.domain.switch_words import PRESET_REASONS, SwitchWords, list_general_kinds, switch_words
from governance.models import Agent, KillSwitch, User, Workspace
from governance.selectors.access import holds_anywhere, list_workspaces
from governance.selectors.break_glass import list_open_glasses
from governance.selectors.breaker_board import list_open_breakers
from governance.selectors.in_force import get_in_force
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
    stop anything; `glasses` of what is broken open. One query while nothing is in force, one more for each kind
    that is, and two more for those who may stop."""
    if not isinstance(request.user, User):
        return {"banners": (), "open_breakers": (), "glasses": (), "stop_panel": None}
    seen, in_force = list_workspaces(request.user, *SEEN_BY), get_in_force()
    return {
        "banners": _list_banners(seen) if in_force.switches else (),
        "open_breakers": list_open_breakers(seen) if in_force.breakers else (),
        "glasses": list_open_glasses(request.user) if in_force.glasses else (),
        "stop_panel": _panel(request.user),
    }


def _list_banners(seen: QuerySet[Workspace]) -> tuple[Banner, ...]:
    rows = KillSwitch.objects.filter(workspace__in=seen, lifted_at__isnull=True)
    return tuple(_banner(row) for row in rows.select_related("agent", "workspace").order_by("-engaged_at")[:20])


def _banner(switch: KillSwitch) -> Banner:
    words = f"{switch.agent.name} is stopped" if switch.agent else switch_words(switch.kind).in_force
    return Banner(words, switch.workspace.name, switch.workspace.slug, switch.reason, switch.engaged_by)


def _panel(user: User) -> StopPanel | None:
    if not holds_anywhere(user, "engage_switches"):
        return None
    workspaces = tuple(list_workspaces(user, "engage_switches").order_by("slug"))
    agents = tuple(list_stoppable_agents(workspaces))
    return StopPanel(workspaces, agents, tuple((kind.value, switch_words(kind)) for kind in list_general_kinds()))
