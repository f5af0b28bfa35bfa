"""Reaping: requests whose worker is gone become `unknown`, to be looked up (EXE-02)."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from approvals.adapters.action_lock import hold_action, is_abandoned
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Attempt
from approvals.services.claim import lock_request
from approvals.services.events import request_event, system
from approvals.services.transition import advance
from audit.selectors.clock import get_now

WORKER_LOST = "worker_lost"


def reap_request(*, request_id: UUID, worker: str) -> bool:
    """Mark one executing request `unknown` if nobody works on it any more. A worker that is only slow keeps it."""
    with hold_action(request_id) as is_ours:
        return is_ours and _reap(request_id, worker)


def list_executing(*, limit: int) -> list[UUID]:
    """Requests under way, oldest first."""
    rows = AgentActionRequest.objects.filter(status=Status.EXECUTING).order_by("id")
    return list(rows.values_list("id", flat=True)[:limit])


def _reap(request_id: UUID, worker: str) -> bool:
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None or request.status != Status.EXECUTING:
            return False
        attempt = Attempt.objects.get(request=request, epoch=request.epoch)
        if not is_abandoned(attempt.worker):
            return False
        now = get_now()
        data = {"attempt": str(attempt.pk), "epoch": request.epoch, "code": WORKER_LOST, "point": attempt.point}
        is_reaped = advance(
            request_id=request.pk,
            expected=Status.EXECUTING,
            new=Status.UNKNOWN,
            code=WORKER_LOST,
            now=now,
            event=request_event(request, "request.outcome_unknown", system(worker), data=data),
            conditions=Q(epoch=request.epoch),
            not_before=None,
        )
        if is_reaped:
            Attempt.objects.filter(pk=attempt.pk).update(error_code=WORKER_LOST, finished_at=now)
        return is_reaped
