"""Taking from budgets and giving back: exact under any interleaving (LIM-03)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, F, Value, When

from audit.selectors.prepared import prepared_cursor
from audit.services.append import OutsideTransactionError
from audit.services.rows import Guard, time_wire, uuid_wire
from governance.domain.anomaly import VOLUME
from governance.domain.budget_counter import Hold
from governance.models import BudgetCounter

_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
_STATEMENT = """
INSERT INTO governance_budgetcounter AS c (id, workspace_id, key, value, unit, "window", starts_at, used, cap)
VALUES {rows}
ON CONFLICT (id) DO UPDATE SET used = c.used + excluded.used, cap = excluded.cap
WHERE c.used + excluded.used <= excluded.cap
RETURNING id
"""


class BudgetLostError(RuntimeError):
    """Someone else took the last of a budget since it was looked at. The transaction must not commit."""

    code = "budget_exhausted"


def reserve_budgets(holds: Sequence[Hold], *, workspace_id: UUID) -> None:
    """Take every hold or none, by one statement. Call it last in the transaction: it locks the counters.

    INVARIANT: no counter ever holds more than its limit: the database adds and compares in one step, and transactions
    that draw on the same counter wait for each other. `holds` are sorted by id, so that none waits in a circle.
    Raises BudgetLostError, after which the caller lets its transaction (or a savepoint around this call) roll back.
    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError("a budget is taken in the transaction of the request that takes it")
    if not holds:
        return
    guard = reservation(holds, workspace_id=workspace_id)
    with prepared_cursor() as cursor:
        cursor.execute(guard.statement, guard.parameters)
        taken = len(cursor.fetchall())
    if taken != guard.count:
        raise BudgetLostError("someone else took the last of a budget")


def lock_counters(counters: Collection[UUID]) -> None:
    """Lock those that are there, in the one order in which counters are locked: for who gives some back and takes
    others in one transaction, before either. Else a batch denial that gives back both could wait for it in a circle."""
    list(BudgetCounter.objects.filter(pk__in=counters).order_by("pk").select_for_update().values_list("pk"))


def reservation(holds: Sequence[Hold], *, workspace_id: UUID) -> Guard:
    """The statement that takes every hold: it returns one row for each that was taken, fewer when a budget is full.

    Raises BudgetLostError for more than a whole window has: the first row of a counter is inserted unasked.
    """
    if any(hold.amount > hold.limit for hold in holds):
        raise BudgetLostError("a request takes more than a whole window has")
    parameters: list[Any] = []
    workspace = uuid_wire(workspace_id)
    for hold in holds:
        claim = hold.claim
        parameters += [
            uuid_wire(hold.id),
            workspace,
            claim.key,
            claim.value,
            claim.unit,
            claim.window,
            time_wire(hold.starts_at),
            hold.amount,
            hold.limit,
        ]
    return Guard(_statement_for(len(holds)), parameters, len(holds))


@cache
def _statement_for(holds: int) -> str:
    return _STATEMENT.format(rows=", ".join([_ROW] * holds))


def give_back(amounts: Mapping[UUID, int]) -> None:
    """Return what a request holds, counter → amount, in the transaction that says that it holds it no more.

    Counters that are swept away already are left out.
    """
    if not amounts:
        return
    if not connection.in_atomic_block:
        raise OutsideTransactionError("a budget is given back in the transaction of the request that held it")
    rows = BudgetCounter.objects.filter(pk__in=amounts)
    locked = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    returned = Case(*(When(pk=counter, then=Value(amounts[counter])) for counter in locked), default=Value(0))
    rows.filter(pk__in=locked).update(used=F("used") - returned)


def begin_volume_anew(*, workspace_id: UUID, agent: str) -> int:
    """Empty the counters of what an agent asks for, in the transaction that lets it go on; returns how much most of
    them held. They stay, so that a request that is counted meanwhile waits for this one and is counted anew.
    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError("an agent begins anew in the transaction that lets it go on")
    rows = BudgetCounter.objects.filter(workspace_id=workspace_id, key=VOLUME, value=agent, used__gt=0)
    held = dict(rows.order_by("pk").select_for_update().values_list("pk", "used"))
    BudgetCounter.objects.filter(pk__in=held).update(used=0)
    return max(held.values(), default=0)


def sweep_counters(*, before: datetime) -> int:
    """Drop the counters of windows that began before a time; returns how many. Commits once."""
    with transaction.atomic():
        return BudgetCounter.objects.filter(starts_at__lt=before).delete()[0]
