"""Circuit breakers: which of them stop a request, and when one opens, is tried out and closes (LIM-04). Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from governance.domain.document import BreakerRule
from governance.domain.facts import BreakerFacts, Facts
from governance.domain.vocabulary import BreakerSignal

PROBES = "probes"
"""What a half-open breaker lets through is counted like a budget: by this key, unit and window."""

REPORTED = frozenset({BreakerSignal.BOUNCES, BreakerSignal.COMPLAINTS})
"""Signals that come from outside, and late: that nothing was reported yet is no success."""

BreakerTable = Mapping[str, BreakerRule]
"""By name."""


class Phase(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Step(StrEnum):
    """What a look at the figures leads to."""

    STAY = "stay"
    OPEN = "open"
    CLOSE = "close"


class Tally(msgspec.Struct, frozen=True):
    """How many calls counted, and how many of them were bad; for spend `bad` is the amount."""

    calls: int = 0
    bad: int = 0


def make_breaker_table(rules: Iterable[BreakerRule]) -> dict[str, BreakerRule]:
    return {rule.name: rule for rule in rules}


def covers(rule: BreakerRule, *, environment: str, agent: str, action: str) -> bool:
    """Whether the rule watches and stops this action of this agent there."""
    return (
        rule.environment == environment and rule.agent in ("", agent) and (not rule.actions or action in rule.actions)
    )


def is_watched(table: BreakerTable, *, environment: str, agent: str, action: str) -> bool:
    """Whether some breaker watches this action of this agent there."""
    return any(covers(rule, environment=environment, agent=agent, action=action) for rule in table.values())


def half_opens_at(rule: BreakerRule, opened_at: datetime) -> datetime:
    return opened_at + timedelta(seconds=rule.open_seconds)


def phase(rule: BreakerRule, opened_at: datetime | None, now: datetime) -> Phase:
    """Time alone makes an open breaker half-open: nobody must be awake for it."""
    if opened_at is None:
        return Phase.CLOSED
    return Phase.OPEN if now < half_opens_at(rule, opened_at) else Phase.HALF_OPEN


def find_open(table: BreakerTable, facts: Facts) -> tuple[BreakerRule, datetime] | None:
    """The open breaker that stops the request for longest, with when it lets probes through; None when none does.

    Raises ValueError when the breakers could not be read.
    """
    found = [
        (half_opens_at(rule, opened_at), rule)
        for rule, opened_at in _touching(table, facts)
        if phase(rule, opened_at, facts.now) is Phase.OPEN
    ]
    if not found:
        return None
    until, rule = max(found, key=lambda item: item[0])
    return rule, until


def list_probing(table: BreakerTable, facts: Facts) -> list[tuple[BreakerRule, datetime]]:
    """The half-open breakers that cover the request, each with when it opened."""
    if not facts.switches.breakers:
        return []
    return [
        (rule, opened_at)
        for rule, opened_at in _touching(table, facts)
        if phase(rule, opened_at, facts.now) is Phase.HALF_OPEN
    ]


def counted_since(
    rule: BreakerRule, *, opened_at: datetime | None, closed_at: datetime | None, now: datetime
) -> datetime:
    """From when on calls count: half-open, the probes alone; closed, the window, but nothing from before it closed."""
    if opened_at is not None:
        return half_opens_at(rule, opened_at)
    start = now - timedelta(seconds=rule.window_seconds)
    return max(start, closed_at) if closed_at is not None else start


def is_bad(rule: BreakerRule, tally: Tally) -> bool:
    """Whether the figures of a window trip the breaker."""
    if tally.calls < rule.min_calls:
        return False
    if rule.signal == BreakerSignal.SPEND:
        return tally.bad > rule.amount
    return tally.bad >= rule.ratio * tally.calls


def next_step(rule: BreakerRule, opened_at: datetime | None, tally: Tally, now: datetime) -> Step:
    """What the figures since `counted_since` lead to. One bad probe opens again, all good ones close."""
    match phase(rule, opened_at, now):
        case Phase.CLOSED:
            return Step.OPEN if is_bad(rule, tally) else Step.STAY
        case Phase.OPEN:
            return Step.STAY
    is_spend = rule.signal == BreakerSignal.SPEND
    if tally.bad > (rule.amount if is_spend else 0):
        return Step.OPEN
    if tally.calls < rule.probes:
        return Step.STAY
    is_waiting = rule.signal in REPORTED and opened_at is not None and now < _reported_by(rule, opened_at)
    return Step.STAY if is_waiting else Step.CLOSE


def _reported_by(rule: BreakerRule, opened_at: datetime) -> datetime:
    """How long the probes of a reported signal are waited for: as long again as it was open."""
    return half_opens_at(rule, opened_at) + timedelta(seconds=rule.open_seconds)


def _touching(table: BreakerTable, facts: Facts) -> Iterator[tuple[BreakerRule, datetime]]:
    """The breakers that are not closed and cover the request. As cheap as there are few of them."""
    opened: tuple[BreakerFacts, ...] | None = facts.switches.breakers
    if opened is None:
        raise ValueError("the circuit breakers could not be read")
    agent = facts.agent.name if facts.agent is not None else ""
    for state in opened:
        rule = table.get(state.name)
        place = {"environment": facts.connection.environment, "agent": agent, "action": facts.request.action}
        if rule is not None and covers(rule, **place):
            yield rule, state.opened_at
