"""A stop that is pressed ends the incident releases of its workspace: whoever presses it means what still writes."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.domain.bulk_revert import RELEASABLE
from approvals.models import BulkRevert
from approvals.selectors.bulk_releases import HOLDING
from approvals.services.bulk_jobs import bulk_event
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.domain.change_status import ChangeStatus
from governance.services.switch_lock import hold_exclusive


def end_releases(*, workspace_id: UUID, kind: str, actor: Actor, now: datetime) -> int:
    """How many ended. Once it has returned nothing passes by them. Commits the ends first, then
    `bulk_revert.release_ended` of each. Raises LedgerUnavailableError; they have ended all the same."""
    released = BulkRevert.objects.filter(
        workspace_id=workspace_id, state__in=RELEASABLE, release__status=ChangeStatus.APPLIED
    )
    if kind not in HOLDING or not released.exists():
        return 0
    with transaction.atomic():
        hold_exclusive(however_long=True)
        jobs = list(released.select_related("workspace"))
        BulkRevert.objects.filter(pk__in=[job.pk for job in jobs]).update(release=None)
    for job in jobs:
        append_event(bulk_event(job, "release_ended", actor, release=str(job.release_id)), now=now)
    return len(jobs)
