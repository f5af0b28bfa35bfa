"""Reverts that a paused bulk revert keeps (RVT-02)."""

from django.db.models import Exists, OuterRef, Q

from approvals.domain.bulk_revert import BulkState
from approvals.domain.status import Status
from approvals.models import BulkRevertItem


def kept_by_pause() -> Q:
    """Requests that were agreed to in time and wait for nothing but the end of a pause: they do not expire meanwhile.
    What waits for people does, for a pause keeps nobody from voting."""
    items = BulkRevertItem.objects.filter(revert=OuterRef("pk"), bulk_revert__state=BulkState.PAUSED)
    return Q(status=Status.APPROVED) & Q(Exists(items))
