"""A bulk revert as a job: taken by one worker at a time, and whoever comes second changes nothing (ADR 0004)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from approvals.domain.bulk_revert import BulkState
from approvals.models import BulkRevert
from approvals.models.bulk_revert import DUE_STATES
from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event

LEASE = timedelta(seconds=90)
"""Longer than the slowest foreign call of one slice."""


def take_job(*, now: datetime) -> BulkRevert | None:
    """The oldest due job, taken until `now + LEASE`; None when nothing is due or another worker was faster."""
    free = Q(taken_until__isnull=True) | Q(taken_until__lt=now)
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    rows = BulkRevert.objects.filter(free, due, state__in=DUE_STATES)
    job = rows.select_related("workspace", "user", "proposal", "release").order_by("created_at").first()
    if job is None:
        return None
    until = now + LEASE
    if not BulkRevert.objects.filter(free, pk=job.pk, state=job.state).update(taken_until=until):
        return None
    job.taken_until = until
    return job


def save_job(job: BulkRevert, *, now: datetime, **columns: Any) -> bool:
    """Write what a worker found, and keep the job; False when a person changed its state, or another worker has it.

    INVARIANT: a worker writes only to the job that it took, in the state in which it took it.
    """
    columns["taken_until"] = now + LEASE
    if not _ours(job).update(**columns):
        return False
    for name, value in columns.items():
        setattr(job, name, value)
    return True


def lock_job(job: BulkRevert) -> bool:
    """Hold the row to the end of the caller's transaction, if it is still this worker's: nobody pauses it meanwhile."""
    return _ours(job).select_for_update().values_list("pk", flat=True).first() is not None


def release_job(job: BulkRevert, *, not_before: datetime | None = None, note: str | None = None) -> None:
    """Give it back, to be looked at again at `not_before`; `note` says what keeps it."""
    columns: dict[str, Any] = {"taken_until": None, "not_before": not_before}
    if note is not None:
        columns["note"] = note[:300]
    BulkRevert.objects.filter(pk=job.pk, taken_until=job.taken_until).update(**columns)


def end_job(job: BulkRevert, state: BulkState, *, event: NewEvent, now: datetime) -> bool:
    """The last step of a worker, with its event; False when it was no longer this worker's."""
    with transaction.atomic():
        columns = {"state": state.value, "finished_at": now, "taken_until": None, "not_before": None, "note": ""}
        if not _ours(job).update(**columns):
            return False
        append_event(event, now=now)
    return True


def bulk_event(job: BulkRevert, type_: str, actor: Actor, **data: Any) -> NewEvent:
    """One step of a job, whose workspace is joined. `owner` is who is told of it."""
    return NewEvent(
        type=f"bulk_revert.{type_}",
        workspace=job.workspace.slug,
        actor=actor,
        subject=Subject("bulk_revert", str(job.pk)),
        correlation_id=f"bulk-revert-{job.pk}",
        data={"digest": job.digest, "owner": str(job.started_by_id or job.planned_by_id), **data},
    )


def _ours(job: BulkRevert) -> "Any":
    return BulkRevert.objects.filter(pk=job.pk, state=job.state, taken_until=job.taken_until)
