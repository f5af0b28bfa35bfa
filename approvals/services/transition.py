"""The one writer of a request's status: a conditional UPDATE and its ledger event, or nothing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from approvals.domain.status import TERMINAL, Status, is_legal
from approvals.models import AgentActionRequest
from audit.domain.event import NewEvent
from audit.selectors.database_clock import CLOCK_WORDS
from audit.services.append import OutsideTransactionError, append_event, append_events, append_with
from audit.services.changed_rows import change_found, change_rows
from audit.services.rows import Guard, Rows
from governance.domain.action_class import SENDS
from governance.domain.budget_counter import read_holds, sum_amounts
from governance.services.budgets import give_back
from governance.services.touches import return_touches

_GIVES_BACK = TERMINAL - {Status.EXECUTED, Status.REVERTED}
"""Ends after which nothing has happened: what was taken from budgets is free again (LIM-03)."""


class IllegalTransitionError(ValueError):
    """The table of `approvals.domain.status` does not know this step. A defect, never an answer to a caller."""

    code = "illegal_transition"


def advance(
    *,
    request_id: UUID,
    expected: Status | Collection[Status],
    new: Status,
    code: str,
    now: datetime,
    event: NewEvent,
    conditions: Q | None = None,
    **columns: Any,
) -> bool:
    """Move one request from `expected` to `new` if it still is there and `conditions` hold; False if it is not.

    `columns` are written in the same UPDATE. Runs in the caller's transaction.
    INVARIANT: no status changes without its event, and no event tells of a change that lost its race.
    Raises IllegalTransitionError, OutsideTransactionError and the errors of `append_event`.
    """
    olds = {expected} if isinstance(expected, Status) else set(expected)
    if not all(is_legal(old, new) for old in olds):
        raise IllegalTransitionError(f"a request never goes from `{', '.join(sorted(olds))}` to `{new}`")
    if not connection.in_atomic_block:
        raise OutsideTransactionError("a status changes in the transaction of its ledger event")
    if new in TERMINAL:
        columns.setdefault("finished_at", now)
    rows = AgentActionRequest.objects.filter(conditions or Q(), pk=request_id, status__in=olds)
    if not rows.update(status=new, status_code=code, **columns):
        return False
    if new in _GIVES_BACK:
        _give_back([request_id])
    append_event(event, now=now)
    return True


def settle_each(
    digests: Mapping[UUID, str],
    *,
    new: Status,
    code: str,
    now: datetime,
    events: Mapping[UUID, Sequence[NewEvent]],
    **columns: Any,
) -> frozenset[UUID]:
    """Move each of a few pending requests to `new` that still waits with its digest and is in time; returns their ids.

    `columns` are the same of each; `events`, at least one, are appended for those that moved, in the order of
    `digests`. Two statements however many, and five more where their end gives something back. Runs in the caller's
    transaction. INVARIANT: as `advance`'s. Raises IllegalTransitionError, OutsideTransactionError and the errors of
    `append_events`.
    """
    if not is_legal(Status.PENDING, new):
        raise IllegalTransitionError(f"a request never goes from `{Status.PENDING}` to `{new}`")
    if not connection.in_atomic_block:
        raise OutsideTransactionError("a status changes in the transaction of its ledger event")
    told = {"status": new.value, "status_code": code, **({"finished_at": now} if new in TERMINAL else {}), **columns}
    moved = change_found(
        change_rows(
            AgentActionRequest,
            keys=("id", "digest", "status"),
            columns=tuple(told),
            rows=[(pk, digest, Status.PENDING.value, *told.values()) for pk, digest in digests.items()],
            only=f"expires_at > {CLOCK_WORDS[connection.vendor]}",
        )
    )
    if moved and new in _GIVES_BACK:
        _give_back(moved)
    append_events([event for pk in digests if pk in moved for event in events[pk]], now=now)
    return moved


class Move(NamedTuple):
    """One request that goes on in the attempt `epoch`; `columns` as `advance` takes them, the same of every move."""

    request_id: UUID
    epoch: int
    columns: dict[str, Any]


def advance_together(
    moves: Sequence[Move],
    *,
    expected: Status,
    new: Status,
    now: datetime,
    events: Sequence[NewEvent],
    rows: Sequence[Rows] = (),
    guards: Sequence[Guard] = (),
    only: str = "",
) -> None:
    """Move requests with their events and `rows` by one statement, all or none; for ends that give nothing back.

    `only` is one more condition in SQL; `guards` are changes that go along. Commits unless a transaction is open, which
    is lost when this raises. INVARIANT: as `advance`'s. Raises GuardFailedError when one of them was moved meanwhile or
    fails a condition, IllegalTransitionError, and what `append_with` raises.
    """
    if not is_legal(expected, new) or new in _GIVES_BACK:
        raise IllegalTransitionError(f"requests do not go together from `{expected}` to `{new}`")
    ended = {"finished_at": now} if new in TERMINAL else {}
    columns = {"status": new.value, **ended, **moves[0].columns}
    moved = change_rows(
        AgentActionRequest,
        keys=("id", "epoch", "status"),
        columns=tuple(columns),
        rows=[
            (one.request_id, one.epoch, expected.value, *({**columns, **one.columns}[name] for name in columns))
            for one in moves
        ],
        only=only,
    )
    append_with(rows, events, now=now, guards=[moved, *guards], has_savepoint=False)


def _give_back(request_ids: Collection[UUID]) -> None:
    """Return what these requests hold of budgets and of people. Exactly once: a request ends once, and then it holds
    nothing.

    INVARIANT: their own rows are locked, and the counters of all of them are taken together, in the one order in which
    counters are locked. Taken for one request after the other, two denials of many could wait for each other.
    """
    rows = AgentActionRequest.objects.filter(pk__in=request_ids)
    found = list(rows.values_list("pk", "holds", "action"))
    held = {pk: read_holds(stored) for pk, stored, _ in found if stored}
    if held:
        give_back(sum_amounts(held.values()))
        rows.filter(pk__in=held).update(holds=[])
    if sends := [pk for pk, _, action in found if action in SENDS]:
        return_touches(request_ids=sends)
