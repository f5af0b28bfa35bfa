"""Expiry: what nobody decided, or nobody executed, in time. Never a human no (APR-09)."""

from uuid import UUID

from django.db import transaction

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.paused_reverts import kept_by_pause
from approvals.services.claim import expire_locked, lock_request
from approvals.services.events import system
from audit.selectors.clock import get_now
from audit.selectors.database_clock import DatabaseNow

EXPIRING = (Status.PENDING, Status.APPROVED)


def list_late(*, limit: int) -> list[UUID]:
    """Requests past their time by the database's clock, the longest overdue first; not what a pause keeps."""
    rows = AgentActionRequest.objects.filter(~kept_by_pause(), status__in=EXPIRING, expires_at__lte=DatabaseNow())
    return list(rows.order_by("expires_at").values_list("id", flat=True)[:limit])


def expire_request(*, request_id: UUID) -> bool:
    """Expire one late request; False when it was decided, claimed or settled meanwhile."""
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None or request.status not in EXPIRING:
            return False
        return expire_locked(request, actor=system("expiry"), now=get_now())
