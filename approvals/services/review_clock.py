"""The clock of a waiting request: reminder, then escalation to the backup group, each once (APR-09).

The rows are the job. A follower opens them when the ledger says that a request waits; the sweep does what is due.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from approvals.domain.review_clock import escalation_at, reminder_at
from approvals.domain.status import Status
from approvals.domain.working_time import WorkCalendar
from approvals.models import AgentActionRequest, ReviewStep
from approvals.selectors.duty import get_calendars
from approvals.selectors.quorum import get_requirement
from approvals.services.claim import lock_request
from approvals.services.escalation import escalate_group
from approvals.services.events import request_event, system
from approvals.services.stranding import assess
from audit.selectors.clock import get_now
from audit.selectors.database_clock import DatabaseNow
from audit.selectors.events import LedgerEntry
from audit.services.append import append_event
from governance.models import ApproverGroup

WAITS_FROM = ("request.decided", "request.returned")

log = structlog.get_logger(__name__)


def open_clocks(entries: Sequence[LedgerEntry]) -> None:
    """Start the clocks of what came to wait; what was escalated before stays so. Runs in the follower's transaction."""
    ids = {UUID(entry.subject.id) for entry in entries if entry.type in WAITS_FROM}
    waiting = list(
        AgentActionRequest.objects.filter(pk__in=ids, status=Status.PENDING).select_related(
            "agent", "workspace", "reverses"
        )
    )
    if not waiting:
        return
    since = {UUID(entry.subject.id): entry.at for entry in entries if entry.type in WAITS_FROM}
    groups = _groups(waiting)
    calendars = get_calendars({row.workspace_id for row in groups.values() if row.counts_business_hours})
    ReviewStep.objects.filter(request__in=waiting, outcome="skipped").delete()
    steps = [
        step
        for request in waiting
        for slug in get_requirement(request).all_groups
        if (group := groups.get((request.workspace_id, slug))) is not None
        for step in _steps(request, group, since[request.pk], calendars)
    ]
    ReviewStep.objects.bulk_create(steps, ignore_conflicts=True)
    assess(waiting, now=get_now())


def run_clocks(*, limit: int = 200) -> int:
    """Do the steps that are due by the database's clock; returns how many. Each is its own transaction."""
    due = ReviewStep.objects.filter(done_at__isnull=True, due_at__lte=DatabaseNow()).order_by("due_at")
    return sum(_guarded(step_id) for step_id in list(due.values_list("pk", flat=True)[:limit]))


def _guarded(step_id: UUID) -> bool:
    """One that breaks is put off, and the others go on."""
    try:
        return run_step(step_id=step_id)
    except Exception:
        log.exception("a step of the review clock failed", step_id=str(step_id))
        ReviewStep.objects.filter(pk=step_id).update(due_at=None)
        return False


def run_step(*, step_id: UUID) -> bool:
    """Do one step, once: two at a time end with one event. False when it was done before or nobody waits for it.

    Commits the mark and `request.reminded` or `request.escalated`.
    """
    with transaction.atomic():
        step = ReviewStep.objects.select_related("group__backup_group").get(pk=step_id)
        request = lock_request(step.request_id)
        is_open = request is not None and request.status == Status.PENDING and get_now() < _end(request)
        if request is None or not is_open:
            _finish(step, "skipped", now=get_now())
            return False
        if step.kind == ReviewStep.ESCALATION and step.group.backup_group is not None:
            return escalate_group(request, step.group, cause="clock", actor=system("clock"), now=get_now())
        is_reminder = step.kind == ReviewStep.REMINDER
        if not _finish(step, "done" if is_reminder else "skipped", now=get_now()) or not is_reminder:
            return False
        data = {"group": step.group.slug, "cause": "clock"}
        append_event(request_event(request, "request.reminded", system("clock"), data=data), now=get_now())
        return True


def _finish(step: ReviewStep, outcome: str, *, now: datetime) -> bool:
    """Whether we were first."""
    rows = ReviewStep.objects.filter(pk=step.pk, done_at__isnull=True)
    return bool(rows.update(done_at=now, outcome=outcome, cause="clock"))


def _end(request: AgentActionRequest) -> datetime:
    return request.expires_at or datetime.max.replace(tzinfo=request.created_at.tzinfo)


def _groups(requests: Sequence[AgentActionRequest]) -> dict[tuple[UUID, str], ApproverGroup]:
    rows = ApproverGroup.objects.filter(workspace__in={request.workspace_id for request in requests})
    return {(row.workspace_id, row.slug): row for row in rows}


def _steps(
    request: AgentActionRequest, group: ApproverGroup, since: datetime, calendars: Mapping[UUID, WorkCalendar]
) -> list[ReviewStep]:
    calendar = calendars.get(group.workspace_id) if group.counts_business_hours else None
    times = (
        (ReviewStep.REMINDER, reminder_at, group.reminder_after_minutes),
        (ReviewStep.ESCALATION, escalation_at, group.escalation_after_minutes),
    )
    found = [
        (kind, at(asked_at=since, expires_at=request.expires_at, minutes=minutes, calendar=calendar))
        for kind, at, minutes in times
    ]
    return [ReviewStep(request=request, group=group, kind=kind, due_at=due) for kind, due in found if due is not None]
