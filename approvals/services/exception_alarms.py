"""Alarms: a clock of an exception that ran out is told once, by the sweep (EXC-02)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.domain.exception_case import CaseState
from approvals.models import ExceptionCase
from approvals.services.exception_events import SYSTEM, case_event
from audit.services.append import append_event

REVIEW, REMEDIATION = "review", "remediation"


def raise_alarms(*, now: datetime, limit: int = 200) -> int:
    """Append `exception.overdue` for each open case whose clock ran out, once for each clock; returns how many.

    Each case is its own transaction. Raises LedgerUnavailableError.
    """
    late = ExceptionCase.objects.filter(alarm_at__lte=now).order_by("alarm_at").values_list("pk", flat=True)
    return sum(_raise(case_id, now) for case_id in list(late[:limit]))


def _raise(case_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        rows = ExceptionCase.objects.select_for_update(of=("self",)).select_related("workspace")
        case = rows.filter(pk=case_id, alarm_at__lte=now, state=CaseState.OPEN).first()
        if case is None:
            return False
        stage = REVIEW if case.reviewed_at is None and case.alarm_at == case.review_due_at else REMEDIATION
        data = {"stage": stage, "owner": str(case.owner_id or ""), "due_at": case.due_at.isoformat()}
        case.alarm_at = case.remediation_due_at if stage == REVIEW else None
        case.save(update_fields=["alarm_at"])
        append_event(case_event(case, "overdue", SYSTEM, data=data), now=now)
    return True
