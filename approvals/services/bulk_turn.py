"""One turn of whatever works on bulk reverts: the oldest due job, for a while (ADR 0004)."""

import time
from datetime import timedelta

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from approvals.domain.bulk_revert import BulkState
from approvals.models import BulkRevert
from approvals.services.bulk_jobs import bulk_event, release_job, save_job, take_job
from approvals.services.bulk_planning import plan_step
from approvals.services.bulk_stopping import stop_step
from approvals.services.bulk_working import work_step
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.append import append_event
from governance.domain.change_status import ChangeStatus

log = structlog.get_logger(__name__)
_PAUSE = timedelta(seconds=2)
_BROKEN = timedelta(seconds=60)


def work_on_bulk_reverts(*, seconds: float, worker: str) -> bool:
    """Work on the oldest due job for about `seconds`; False when none is due. Never called inside a transaction.

    A job that breaks its worker is logged and put off, and the others go on."""
    job = take_job(now=get_now())
    if job is None:
        return False
    ends_at = time.monotonic() + seconds
    try:
        while _step(job, worker) and time.monotonic() < ends_at:
            pass
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("a bulk revert broke its worker", bulk_revert=str(job.pk))
        release_job(job, not_before=get_now() + _BROKEN, note="a step broke and is tried again; the log says more")
        return True
    _hand_back(job)
    return True


def _step(job: BulkRevert, worker: str) -> bool:
    match BulkState(job.state):
        case BulkState.PLANNING:
            return plan_step(job)
        case BulkState.COUNTERSIGNING:
            return _see_second_person(job)
        case BulkState.RUNNING:
            return work_step(job, worker=worker)
        case BulkState.STOPPING:
            return stop_step(job)
        case _:
            return False


def _hand_back(job: BulkRevert) -> None:
    """Whatever the last step left in our hands is free for the next worker at once."""
    BulkRevert.objects.filter(pk=job.pk, taken_until=job.taken_until).update(taken_until=None)


def _see_second_person(job: BulkRevert) -> bool:
    """Go on once another person agreed to this very dry run; back to planned once they did not."""
    proposal = job.proposal
    if proposal is None or proposal.status == ChangeStatus.WAITING:
        release_job(job, not_before=get_now() + _PAUSE)
        return False
    now = get_now()
    is_agreed = proposal.status == ChangeStatus.APPLIED and proposal.payload.get("digest") == job.digest
    with transaction.atomic():
        if not is_agreed:
            note = f"the second person's word: {proposal.status}"
            save_job(job, now=now, state=BulkState.PLANNED.value, note=note, proposal_id=None)
            return False
        if save_job(job, now=now, state=BulkState.RUNNING.value, started_at=now):
            actor = Actor("human", str(job.started_by_id))
            data = {"items": job.taken_up, "countersigned_by": str(proposal.ended_by_id)}
            append_event(bulk_event(job, "started", actor, **data), now=now)
    return True
