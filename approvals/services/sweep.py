"""Sweep: whatever the tables say is due. Makes a lost broker harmless (DESIGN §5)."""

from dataclasses import dataclass
from datetime import datetime

from approvals.dispatch import nudge
from approvals.selectors.due import list_due
from approvals.services.decision import decide_request
from approvals.services.execution import execute_request
from approvals.services.expiry import expire_request, list_late
from approvals.services.reaping import list_executing, reap_request
from approvals.services.reconciliation import reconcile_request
from audit.selectors.clock import get_now


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepCounts:
    """How many rows each duty touched. `run_due` has worked the last three, `sweep` nudged them."""

    expired: int = 0
    reaped: int = 0
    decided: int = 0
    executed: int = 0
    reconciled: int = 0


def sweep(*, now: datetime, limit: int = 200) -> SweepCounts:
    """Expire what is late, mark what lost its worker `unknown`, nudge what is due.

    The scheduler calls it every few seconds. A nudge too many is harmless: the claim takes a request once. Each row is
    its own transaction.
    """
    expired, reaped = _tidy("sweep", limit)
    due = list_due(now=now, limit=limit)
    for task, ids in (("decide", due.evaluating), ("execute", due.approved), ("reconcile", due.unknown)):
        for request_id in ids:
            nudge(task, request_id)
    return SweepCounts(
        expired=expired,
        reaped=reaped,
        decided=len(due.evaluating),
        executed=len(due.approved),
        reconciled=len(due.unknown),
    )


def run_due(*, worker: str, limit: int = 50) -> SweepCounts:
    """Do inline what `sweep` would nudge: the loop of the embedded worker. Never called inside a transaction.

    Counts what was worked on, whatever came of it; all zero means that nothing is due.
    """
    expired, reaped = _tidy(worker, limit)
    due = list_due(now=get_now(), limit=limit)
    for request_id in due.evaluating:
        decide_request(request_id=request_id, now=get_now())
    for request_id in due.unknown:
        reconcile_request(request_id=request_id, worker=worker)
    executable = due.approved or list_due(now=get_now(), limit=limit).approved
    for request_id in executable:
        execute_request(request_id=request_id, worker=worker)
    return SweepCounts(
        expired=expired,
        reaped=reaped,
        decided=len(due.evaluating),
        executed=len(executable),
        reconciled=len(due.unknown),
    )


def _tidy(worker: str, limit: int) -> tuple[int, int]:
    expired = sum(expire_request(request_id=request_id) for request_id in list_late(limit=limit))
    reaped = sum(reap_request(request_id=request_id, worker=worker) for request_id in list_executing(limit=limit))
    return expired, reaped
