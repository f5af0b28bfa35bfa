"""The source of `Facts.budgets`: what is taken from the budgets that a request would draw on (LIM-01)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from approvals.domain.asked import Asked
from approvals.domain.judgement import Judgement
from approvals.domain.status import Status
from governance.domain.anomaly import VOLUME
from governance.domain.budget_claims import list_claims
from governance.domain.budget_counter import Hold, make_holds
from governance.domain.budget_state import KnownCounters
from governance.domain.facts import BudgetFacts, Facts
from governance.domain.index import PolicyIndex
from governance.selectors.budgets import get_used

GOES_ON = (Status.APPROVED, Status.PENDING)
"""What a decision takes budgets and people's touches for"""

RACES = 12
"""Lost reservations after which budgets count as full, and people as contended. Each was won by somebody else."""


def needs_budgets(item: Asked) -> bool:
    """Whether the request draws on any budget at all: agents' do, people's do not."""
    return bool(item.claims)


def ask_budgets(items: Sequence[Asked], now: datetime) -> list[tuple[BudgetFacts, ...]]:
    """The counters of every item, each without what it holds itself. One query for all that are not known yet."""
    holds = [_holds_at(item, now) for item in items]
    used: dict[UUID, int] = {}
    for item, own in zip(items, holds, strict=True):
        used |= _known(item.counters, own)
    unknown = {hold.id for own in holds for hold in own} - used.keys()
    if unknown:
        used |= get_used(unknown)
    return [count(own, used, item.held) for item, own in zip(items, holds, strict=True)]


def _holds_at(item: Asked, now: datetime) -> tuple[Hold, ...]:
    if now == item.facts.now:
        return item.holds
    return make_holds(item.claims, workspace_id=item.workspace_id, now=now)


def _known(counters: KnownCounters | None, holds: Sequence[Hold]) -> dict[UUID, int]:
    if counters is None:
        return {}
    return {
        hold.id: counters.counted.get((hold.claim.key, hold.claim.value, hold.claim.unit, hold.claim.window), 0)
        for hold in holds
        if hold.claim.value in counters.values and hold.claim.starts_at is None
    }


def count(holds: Sequence[Hold], used: Mapping[UUID, int], own: Mapping[UUID, int]) -> tuple[BudgetFacts, ...]:
    """Facts from counters: what others have taken."""
    return tuple(
        BudgetFacts(
            hold.claim.key,
            hold.claim.value,
            hold.claim.unit,
            hold.claim.window,
            max(used.get(hold.id, 0) - own.get(hold.id, 0), 0),
        )
        for hold in holds
    )


def holds_on(index: PolicyIndex, facts: Facts, *, workspace_id: UUID, now: datetime) -> tuple[Hold, ...]:
    """Everything that the request would take in the windows of `now`."""
    return make_holds(list_claims(index, facts), workspace_id=workspace_id, now=now)


def holds_of(
    index: PolicyIndex | None, judgement: Judgement | None, *, workspace_id: UUID, now: datetime
) -> tuple[Hold, ...]:
    """What a request takes with its decision: allowed and awaiting approval alike, nothing when it ends here."""
    if index is None or judgement is None or judgement.status not in GOES_ON:
        return ()
    if judgement.holds is not None:
        return judgement.holds
    return holds_on(index, judgement.facts, workspace_id=workspace_id, now=now)


def with_taken(facts: Facts, holds: Sequence[Hold], taken: Mapping[UUID, int]) -> Facts:
    """The same facts after others of the same batch have `taken`, counter → amount."""
    if facts.budgets is None or not any(hold.id in taken for hold in holds):
        return facts
    more = {
        (hold.claim.key, hold.claim.value, hold.claim.unit, hold.claim.window): taken.get(hold.id, 0) for hold in holds
    }
    budgets = tuple(
        msgspec.structs.replace(row, used=row.used + more.get((row.key, row.value, row.unit, row.window), 0))
        for row in facts.budgets
    )
    return msgspec.structs.replace(facts, budgets=budgets)


def as_full(facts: Facts) -> Facts:
    """The facts of a request that lost the last of its budgets again and again: they count as taken."""
    budgets = tuple(
        row if row.key == VOLUME else msgspec.structs.replace(row, used=2**62) for row in facts.budgets or ()
    )
    return msgspec.structs.replace(facts, budgets=budgets)
