"""The one writer of a request's status: a conditional UPDATE and its ledger event, or nothing."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from approvals.domain.status import TERMINAL, Status, is_legal
from approvals.models import AgentActionRequest
from audit.domain.event import NewEvent
from audit.services.append import OutsideTransactionError, append_event
from governance.domain.action_class import SENDS
from governance.domain.budget_counter import read_holds
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
        _give_back(request_id)
    append_event(event, now=now)
    return True


def _give_back(request_id: UUID) -> None:
    """Return what the request holds of budgets and of people. Exactly once: a request ends once, and then it holds
    nothing."""
    row = AgentActionRequest.objects.filter(pk=request_id)
    stored, action = row.values_list("holds", "action").get()
    held = read_holds(stored)
    if held:
        give_back(held)
        row.update(holds=[])
    if action in SENDS:
        return_touches(request_id=request_id)
