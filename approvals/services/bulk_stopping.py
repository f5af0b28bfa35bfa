"""Stopping a bulk revert: what was made and not yet claimed is called off, what was not made never is."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from approvals.domain.bulk_revert import OPEN, TAKEN_UP, BulkState, Result
from approvals.domain.status import Status
from approvals.models import BulkRevert
from approvals.services.bulk_jobs import release_job, save_job
from approvals.services.bulk_working import settle_outcomes
from approvals.services.claim import lock_request
from approvals.services.events import request_event, system
from approvals.services.transition import advance
from audit.selectors.clock import get_now

CODE = "bulk_revert_stopped"
_STEP = 50
_PAUSE = timedelta(seconds=2)
_CANCELLABLE = (Status.PENDING, Status.APPROVED)


def stop_step(job: BulkRevert) -> bool:
    """Call off the next reverts that wait; False when the job has ended. What is being written now ends by itself."""
    settle_outcomes(job)
    rows = job.items.filter(result__in=OPEN, revert__status__in=_CANCELLABLE)
    waiting = list(rows.values_list("revert_id", flat=True)[:_STEP])
    for revert_id in waiting:
        if revert_id is not None:
            _cancel(revert_id)
    if waiting:
        return save_job(job, now=get_now())
    job.items.filter(result="", revert__isnull=True, finding__in=TAKEN_UP).update(result=Result.STOPPED)
    if job.items.filter(result__in=OPEN, revert__isnull=False).exists():
        release_job(job, not_before=get_now() + _PAUSE)
        return False
    now = get_now()
    save_job(job, now=now, state=BulkState.STOPPED.value, finished_at=now, note="")
    return False


def _cancel(revert_id: UUID) -> None:
    with transaction.atomic():
        request = lock_request(revert_id)
        if request is None or request.status not in _CANCELLABLE:
            return
        event = request_event(request, "request.cancelled", system("bulk_revert"), data={"code": CODE})
        advance(
            request_id=request.pk,
            expected=set(_CANCELLABLE),
            new=Status.CANCELLED,
            code=CODE,
            now=get_now(),
            event=event,
            not_before=None,
        )
