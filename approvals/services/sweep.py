"""Sweep: whatever the tables say is due. Makes a lost broker harmless."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from approvals.dispatch import nudge
from approvals.domain.backoff import BROKEN_PAUSE
from approvals.models import AgentActionRequest
from approvals.selectors.due import list_due
from approvals.services.canary_planting import plant_canaries
from approvals.services.decision import decide_request
from approvals.services.exception_alarms import raise_alarms
from approvals.services.execution import execute_request
from approvals.services.expiry import expire_request, list_late
from approvals.services.held import cancel_stopped_hold, list_stopped_holds
from approvals.services.promotion import promote_approved
from approvals.services.reaping import list_executing, reap_request
from approvals.services.reconciliation import reconcile_request
from approvals.services.reservations import forget_reservations
from approvals.services.review_clock import run_clocks
from approvals.services.snoozing import forget_snoozes
from approvals.services.stranding import reassess
from approvals.services.trace_links import tell_openings
from audit.selectors.clock import get_now
from governance.domain.frequency_coherence import MAX_HOURS
from governance.services.budgets import sweep_counters
from governance.services.change_proposals import expire_late_changes
from governance.services.ledger_standing import note_ledger_standing
from governance.services.logins import tell_refused_logins
from governance.services.stand_ins import end_late_stand_ins
from governance.services.touches import sweep_touches

_COUNTERS_KEPT = timedelta(days=35)
_TOUCHES_KEPT = timedelta(hours=MAX_HOURS)
"""As far back as the widest window that a frequency cap may have."""
_DESK_KEPT = timedelta(days=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepCounts:
    """How many rows each duty touched. `run_due` has worked the last three, `sweep` nudged them."""

    expired: int = 0
    reaped: int = 0
    decided: int = 0
    executed: int = 0
    reconciled: int = 0


def sweep(*, now: datetime, limit: int = 200) -> SweepCounts:
    """Expire what is late, cancel what a stop holds, mark what lost its worker `unknown`, nudge what is due.

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

    Counts what was worked on, whatever came of it; all zero means that nothing is due. A row that breaks its worker is
    logged and put off, and the others go on.
    """
    expired, reaped = _tidy(worker, limit)
    due = list_due(now=get_now(), limit=limit)
    for request_id in due.evaluating:
        _guard(request_id, partial(_decide, request_id))
    for request_id in due.unknown:
        _guard(request_id, partial(reconcile_request, request_id=request_id, worker=worker))
    executable = due.approved or list_due(now=get_now(), limit=limit).approved
    for request_id in executable:
        _guard(request_id, partial(execute_request, request_id=request_id, worker=worker))
    return SweepCounts(
        expired=expired,
        reaped=reaped,
        decided=len(due.evaluating),
        executed=len(executable),
        reconciled=len(due.unknown),
    )


def _tidy(worker: str, limit: int) -> tuple[int, int]:
    _note_standing()
    _end_late(limit)
    _promote_approved(limit)
    _plant(limit)
    _route(limit)
    _raise_alarms(limit)
    for request_id in list_stopped_holds(limit=limit):
        _guard(request_id, partial(cancel_stopped_hold, request_id=request_id, now=get_now()))
    forget_snoozes(before=get_now() - _DESK_KEPT)
    forget_reservations(before=get_now() - _DESK_KEPT)
    sweep_counters(before=get_now() - _COUNTERS_KEPT)
    sweep_touches(before=get_now() - _TOUCHES_KEPT)
    late, executing = list_late(limit=limit), list_executing(limit=limit)
    expired = [_guard(request_id, partial(expire_request, request_id=request_id)) for request_id in late]
    reaped = [
        _guard(request_id, partial(reap_request, request_id=request_id, worker=worker)) for request_id in executing
    ]
    return expired.count(True), reaped.count(True)


def _end_late(limit: int) -> None:
    """Two-person changes that nobody decided, stand-ins whose time is over, openings of links and refused logins that
    were only counted. An error there keeps no request waiting."""
    for end in (expire_late_changes, end_late_stand_ins, tell_openings, tell_refused_logins):
        try:
            end(now=get_now(), limit=limit)
        except Exception:
            log.exception("what is late could not be ended", duty=end.__name__)


def _note_standing() -> None:
    """What every page tells while the ledger is set back. An error there keeps no request waiting."""
    try:
        note_ledger_standing(now=get_now())
    except Exception:
        log.exception("how the ledger stands could not be noted")


def _promote_approved(limit: int) -> None:
    """What was approved with its promotion. An error there keeps no request waiting."""
    try:
        promote_approved(limit=limit, now=get_now())
    except Exception:
        log.exception("approved suggestions could not be promoted")


def _plant(limit: int) -> None:
    """Canaries that were drawn. An error there keeps no request waiting."""
    try:
        plant_canaries(limit=limit, now=get_now())
    except Exception:
        log.exception("canaries could not be planted")


def _route(limit: int) -> None:
    """Reminders, escalations, what nobody may decide any more. An error there keeps no request waiting."""
    try:
        run_clocks(limit=limit)
        reassess(limit=limit)
    except Exception:
        log.exception("waiting requests could not be routed")


def _raise_alarms(limit: int) -> None:
    """Exceptions whose clock ran out. An error there keeps no request waiting."""
    try:
        raise_alarms(now=get_now(), limit=limit)
    except Exception:
        log.exception("alarms of exceptions could not be raised")


def _decide(request_id: UUID) -> str:
    return decide_request(request_id=request_id, now=get_now())


def _guard(request_id: UUID, work: Callable[[], object]) -> object:
    """What `work` returns; after an error None, and the row is not looked at again for a while. A task's time limit
    ends the task."""
    try:
        return work()
    except Exception as error:
        log.exception("a due request broke its worker", request_id=str(request_id))
        AgentActionRequest.objects.filter(pk=request_id).update(not_before=get_now() + BROKEN_PAUSE)
        if isinstance(error, SoftTimeLimitExceeded):
            raise
        return None
