"""Watching: count what circuit breakers watch, open and close them (LIM-04); then look at the agents (LIM-05)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from approvals.selectors.tallies import Question, count_tallies
from approvals.services.watch_agents import watch_agents
from governance.domain.breaker import Phase, Step, Tally, counted_since, next_step, phase
from governance.domain.document import BreakerRule
from governance.models import BreakerState, Workspace
from governance.selectors.policy import get_policy_indexes
from governance.services.breakers import close_breaker, list_orphans, note_half_open, note_tallies, open_breaker

log = structlog.get_logger(__name__)


def watch(*, now: datetime) -> int:
    """Look at every breaker and agent of every workspace; returns how many opened, closed or were stopped.

    A look too many is harmless. Each step is its own transaction; an error in one workspace keeps no other waiting.
    As many queries for a hundred breakers of a workspace as for five, and more only for those that move.
    """
    moved = 0
    for workspace_id in list(Workspace.objects.order_by("slug").values_list("pk", flat=True)):
        try:
            moved += watch_workspace(workspace_id=workspace_id, now=now)
            moved += watch_agents(workspace_id=workspace_id, now=now)
        except Exception:
            log.exception("circuit breakers could not be watched", workspace_id=str(workspace_id))
    return moved


def watch_workspace(*, workspace_id: UUID, now: datetime) -> int:
    """The same for one workspace. Raises what goes wrong."""
    rules = _rules(workspace_id)
    moved = _close_orphans(workspace_id, set(rules), now)
    if not rules:
        return moved
    states = {state.name: state for state in BreakerState.objects.filter(workspace_id=workspace_id, name__in=rules)}
    watched = [
        _Watched(rule, version, *_standing(states.get(name)), now=now) for name, (rule, version) in rules.items()
    ]
    tallies = count_tallies(workspace_id, [Question(item.rule, item.since) for item in watched])
    figures = {item.rule.name: (tallies.get(item.rule.name, Tally()), item.since) for item in watched}
    note_tallies(workspace_id=workspace_id, tallies=figures, now=now)
    return moved + sum(_step(workspace_id, item, figures[item.rule.name][0]) for item in watched)


@dataclass(frozen=True, slots=True)
class _Watched:
    """One breaker in force, and how it stands."""

    rule: BreakerRule
    version: str
    opened_at: datetime | None
    half_opened_at: datetime | None
    closed_at: datetime | None
    now: datetime

    @property
    def since(self) -> datetime:
        return counted_since(self.rule, opened_at=self.opened_at, closed_at=self.closed_at, now=self.now)


def _standing(state: BreakerState | None) -> tuple[datetime | None, datetime | None, datetime | None]:
    return (state.opened_at, state.half_opened_at, state.closed_at) if state is not None else (None, None, None)


def _close_orphans(workspace_id: UUID, names: set[str], now: datetime) -> int:
    """Close what no policy in force names any more."""
    found = list_orphans(workspace_id=workspace_id, names=names)
    return sum(
        close_breaker(
            workspace_id=workspace_id, name=name, expected=opened_at, tally=Tally(), cause="withdrawn", now=now
        )
        for name, opened_at in found
    )


def _rules(workspace_id: UUID) -> dict[str, tuple[BreakerRule, str]]:
    """The breakers in force, each from the policy of its own environment, with that policy's digest."""
    return {
        name: (rule, index.version)
        for environment, index in get_policy_indexes(workspace_id).items()
        for name, rule in index.breakers.items()
        if rule.environment == environment
    }


def _step(workspace_id: UUID, item: _Watched, tally: Tally) -> bool:
    """Do what the figures lead to; whether it opened or closed."""
    rule, opened_at, now = item.rule, item.opened_at, item.now
    is_half_open = opened_at is not None and phase(rule, opened_at, now) is Phase.HALF_OPEN
    if opened_at is not None and is_half_open and item.half_opened_at is None:
        note_half_open(workspace_id=workspace_id, name=rule.name, opened_at=opened_at, now=now)
    step = next_step(rule, opened_at, tally, now)
    if step is Step.OPEN:
        log.warning("circuit breaker opens", breaker=rule.name, calls=tally.calls, bad=tally.bad)
        return open_breaker(
            workspace_id=workspace_id, rule=rule, version=item.version, tally=tally, expected=opened_at, now=now
        )
    if step is Step.CLOSE and opened_at is not None:
        return close_breaker(
            workspace_id=workspace_id, name=rule.name, expected=opened_at, tally=tally, cause="probes", now=now
        )
    return False
