"""The touch ledger: reserved with a decision, real once sent, given back when nothing left (LIM-06).

INVARIANT: nobody is touched more often than the caps allow, under any interleaving. A key's `version` rises with every
reservation; a request that decided on an older version than its caps had room for finds that out in the statement that
reserves, and is decided again. Two requests about one person share a key, so that one of them waits for the other.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from audit.domain.identifier import new_id
from audit.selectors.prepared import prepared_cursor
from audit.services.append import OutsideTransactionError
from audit.services.rows import Guard, Rows, insert, time_value, uuid_value
from governance.domain.touch_plan import TouchPlan, claims_of
from governance.domain.touch_state import LASTING, TouchState
from governance.models import Touch
from governance.selectors.dnc_secret import get_dnc_keys, is_pinned
from governance.services.dnc_entries import pin_dnc_keys

_CHUNK = 500
_ROW = "(%s, %s, %s, %s, '', '')"
_STATEMENT = """
INSERT INTO governance_touchkey AS k (id, workspace_id, version, ceiling, stop_reason, stopped_by)
VALUES {rows}
ON CONFLICT (id) DO UPDATE SET version = k.version + excluded.version, ceiling = excluded.ceiling
WHERE k.version + excluded.version <= excluded.ceiling
RETURNING id
"""
_COLUMNS = (
    "id",
    "key_id",
    "request_id",
    "person_number",
    "action",
    "agent",
    "environment",
    "state",
    "reserved_at",
    "touched_at",
)


class TouchLostError(RuntimeError):
    """Someone else reached for the same person since they were looked at. The transaction must not commit."""

    code = "frequency_capped"


def reserve_touches(plans: Sequence[TouchPlan], *, workspace_id: UUID, now: datetime) -> None:
    """Reserve everything or nothing, inside the caller's transaction. Call it last, after budgets: it locks the keys.

    Raises TouchLostError, after which the caller lets its transaction roll back.
    """
    if not plans:
        return
    if not connection.in_atomic_block:
        raise OutsideTransactionError("a touch is reserved in the transaction of the request that reserves it")
    for guard in touch_guards(plans, workspace_id=workspace_id, now=now):
        with prepared_cursor() as cursor:
            cursor.execute(guard.statement, guard.parameters)
            if len(cursor.fetchall()) != guard.count:
                raise TouchLostError("someone else reached for the same person")
    insert(touch_rows(plans, now=now))


def touch_guards(plans: Sequence[TouchPlan], *, workspace_id: UUID, now: datetime) -> list[Guard]:
    """The statements that raise the version of every key: one row back for each that was not overtaken."""
    keys = get_dnc_keys()
    if not is_pinned(keys):  # another secret would find nobody touched: from the first touch on it is noticed
        pin_dnc_keys(keys, now=now)
    claims = claims_of(plans)
    if any(claim.amount > claim.ceiling for claim in claims):  # the first row of a key is inserted unasked
        raise TouchLostError("there is no room for another touch")
    guards = []
    for start in range(0, len(claims), _CHUNK):
        chunk = claims[start : start + _CHUNK]
        parameters: list[Any] = []
        for claim in chunk:
            parameters += [uuid_value(claim.key), uuid_value(workspace_id), claim.amount, claim.ceiling]
        guards.append(Guard(_STATEMENT.format(rows=", ".join([_ROW] * len(chunk))), parameters, len(chunk)))
    return guards


def touch_rows(plans: Sequence[TouchPlan], *, now: datetime) -> Rows:
    """The pending rows of every plan, not written yet."""
    at = time_value(now)
    return Rows(
        Touch,
        _COLUMNS,
        [
            (
                uuid_value(new_id()),
                uuid_value(hold.key),
                uuid_value(plan.request_id),
                hold.person_number,
                plan.action,
                plan.agent,
                plan.environment,
                TouchState.PENDING.value,
                at,
                None,
            )
            for plan in plans
            for hold in plan.holds
        ],
    )


def move_touches(plan: TouchPlan | None, *, request_id: UUID, workspace_id: UUID, now: datetime) -> None:
    """Make what a request reserved what it would touch now, at its claim: a record may hold other addresses since.

    Raises TouchLostError.
    """
    held = set(Touch.objects.filter(request_id=request_id, state=TouchState.PENDING).values_list("key_id", flat=True))
    holds = plan.holds if plan is not None else ()
    gone = held - {hold.key for hold in holds}
    if gone:
        Touch.objects.filter(request_id=request_id, key__in=gone).update(state=TouchState.RETURNED)
    more = tuple(hold for hold in holds if hold.key not in held)
    if plan is not None and more:
        Touch.objects.filter(request_id=request_id, key__in=[hold.key for hold in more]).delete()  # came back
        fresh = TouchPlan(
            request_id=request_id, action=plan.action, agent=plan.agent, environment=plan.environment, holds=more
        )
        reserve_touches([fresh], workspace_id=workspace_id, now=now)


def note_touched(*, request_id: UUID, now: datetime) -> None:
    """The touches of a request leave now. In the transaction that says so."""
    _of(request_id, TouchState.PENDING).update(state=TouchState.SENT, touched_at=now)


def note_untouched(*, request_id: UUID) -> None:
    """Nothing left after all, and it is tried again: they wait as before."""
    _of(request_id, TouchState.SENT).update(state=TouchState.PENDING, touched_at=None)


def return_touches(*, request_ids: Collection[UUID]) -> None:
    """Nothing left, and nothing will. One statement."""
    _of_each(request_ids, TouchState.PENDING, TouchState.SENT).update(state=TouchState.RETURNED, touched_at=None)


def undo_touches(*, request_id: UUID) -> None:
    """What reached the person was taken back: it stops nothing any more, and is not forgotten."""
    _of(request_id, TouchState.SENT).update(state=TouchState.UNDONE)


def sweep_touches(*, before: datetime, limit: int = 1_000) -> int:
    """Drop touches that ended before a time, some at once; returns how many. Commits once.

    What is pending stays, and so does what a stop rule may ask for however old it is. The keys stay: versions never
    fall, and a stop by hand hangs on them.
    """
    with transaction.atomic():
        passing = Touch.objects.filter(reserved_at__lt=before).exclude(state=TouchState.SENT, action__in=LASTING)
        ended = passing.exclude(state=TouchState.PENDING).exclude(touched_at__gte=before).order_by("reserved_at")
        return Touch.objects.filter(pk__in=list(ended.values_list("pk", flat=True)[:limit])).delete()[0]


def _of(request_id: UUID, *states: TouchState) -> Any:
    return _of_each([request_id], *states)


def _of_each(request_ids: Collection[UUID], *states: TouchState) -> Any:
    if not connection.in_atomic_block:
        raise OutsideTransactionError("a touch changes in the transaction of its request")
    return Touch.objects.filter(request_id__in=request_ids, state__in=states)
