"""Circuit breakers as people see them: how each stands, what was counted last, against what (LIM-04)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from governance.domain.breaker import Phase, Tally, half_opens_at, phase
from governance.domain.breaker_words import figures, watched
from governance.domain.document import BreakerRule
from governance.domain.vocabulary import BreakerSignal
from governance.models import BreakerState, Workspace
from governance.selectors.policy import get_policy_indexes


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerLine:
    """One breaker in force. `share` is how near the figures are to tripping it: 1 trips. `state_id` is None before its
    first look."""

    name: str
    phase: str
    watched: str
    figures: str
    why: str
    reason: str
    owner: str
    share: float
    opened_at: datetime | None
    tries_at: datetime | None
    looked_at: datetime | None
    state_id: UUID | None

    @property
    def is_closed(self) -> bool:
        return self.phase == Phase.CLOSED

    @property
    def is_quiet(self) -> bool:
        """Closed, and nothing bad was counted: nobody has to look at it."""
        return self.is_closed and not self.share


def list_breaker_lines(workspaces: Iterable[Workspace], now: datetime) -> list[BreakerLine]:
    """Every breaker in force there, those that stop something first, then the nearest. Two queries a workspace."""
    lines = []
    for workspace in workspaces:
        states = {state.name: state for state in BreakerState.objects.filter(workspace=workspace)}
        for environment, index in get_policy_indexes(workspace.pk).items():
            rules = (rule for rule in index.breakers.values() if rule.environment == environment)
            lines += [_line(rule, states.get(rule.name), now) for rule in rules]
    return sorted(lines, key=lambda line: (line.is_closed, -line.share, line.name))


def _line(rule: BreakerRule, state: BreakerState | None, now: datetime) -> BreakerLine:
    tally = Tally(state.calls, state.bad) if state is not None else Tally()
    opened_at = state.opened_at if state is not None else None
    return BreakerLine(
        name=rule.name,
        phase=phase(rule, opened_at, now).value,
        watched=watched(rule),
        figures=figures(rule, tally),
        why=state.why if state is not None and opened_at is not None else "",
        reason=rule.reason,
        owner=rule.owner,
        share=_share(rule, tally),
        opened_at=opened_at,
        tries_at=half_opens_at(rule, opened_at) if opened_at is not None else None,
        looked_at=state.looked_at if state is not None else None,
        state_id=state.pk if state is not None else None,
    )


def _share(rule: BreakerRule, tally: Tally) -> float:
    if rule.signal == BreakerSignal.SPEND:
        return min(tally.bad / max(rule.amount, 1), 1.0)
    return min(tally.bad / max(tally.calls, 1) / rule.ratio, 1.0)
