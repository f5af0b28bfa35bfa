"""The header of every console page: what is stopped, and the panel that stops (KIL-01, AUD-06)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from approvals.domain.visible_text import reveal_as_text
from governance.domain.switch_words import PRESET_REASONS, SwitchWords, list_general_kinds, switch_words
from governance.models import User
from governance.selectors.held import get_held
from governance.selectors.in_force import InForce, StopInForce, StoppableAgent, get_in_force


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
    """What the person may stop, and the reasons that one click gives. `workspaces` as slug and name; `kinds` stop more
    than one agent: none for who may stop single ones alone. Equal panels look the same."""

    workspaces: tuple[tuple[str, str], ...]
    agents: tuple[StoppableAgent, ...]
    kinds: tuple[tuple[str, SwitchWords], ...]
    reasons: tuple[str, ...] = PRESET_REASONS


def get_header(request: HttpRequest) -> dict[str, Any]:
    """Template context: `banners` of the stops in force in the person's workspaces; `stop_panel`, None for who may not
    stop anything; `open_breakers` and `glasses` of what tripped and what is broken open; `set_back`, how the ledger
    stands while that keeps every effect back. One query."""
    if not isinstance(request.user, User):
        return {"banners": (), "open_breakers": (), "glasses": (), "stop_panel": None, "set_back": ""}
    in_force = get_in_force(request.user)
    return {
        "banners": tuple(_banner(stop) for stop in in_force.stops),
        "open_breakers": in_force.breakers,
        "glasses": in_force.glasses,
        "set_back": in_force.ledger,
        "stop_panel": _panel(request.user, in_force),
    }


def _banner(stop: StopInForce) -> Banner:
    words = f"{stop.agent} is stopped" if stop.agent else switch_words(stop.kind).in_force
    return Banner(words, stop.workspace, stop.slug, reveal_as_text(stop.reason), stop.by)


def _panel(user: User, in_force: InForce) -> StopPanel | None:
    held = get_held(user)
    workspaces = tuple((place.slug, place.name) for place in held.list_reach("engage_switches"))
    if not workspaces:
        return None
    is_of_all = bool(held.list_where("engage_switches"))
    kinds = tuple((kind.value, switch_words(kind)) for kind in list_general_kinds()) if is_of_all else ()
    return StopPanel(workspaces, in_force.agents, kinds)
