"""What the ledger's news does to open cases: an outcome became known, a rule was made for one (EXC-01, EXC-03)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.domain.exception_case import CaseKind, CaseOutcome, CaseState
from approvals.domain.exception_news import SETTLING, read_origin
from approvals.models import ExceptionCase
from approvals.services.exception_events import SYSTEM, case_event
from audit.selectors.events import LedgerEntry
from audit.services.append import append_event


def settle_known(entries: Sequence[LedgerEntry], now: datetime) -> None:
    """Close what was unknown and is known now: the last word on each request counts. One query, and more only for
    those that are closed."""
    last = {entry.subject.id: entry.type for entry in entries}
    known = [subject for subject, type_ in last.items() if type_ in SETTLING]
    if not known:
        return
    cases = ExceptionCase.objects.filter(
        kind=CaseKind.UNKNOWN_OUTCOME, state=CaseState.OPEN, subject__in=known
    ).values_list("pk", flat=True)
    for case_id in list(cases):
        settle_case(case_id=case_id, now=now)


def settle_case(*, case_id: UUID, now: datetime) -> bool:
    """Close an open case as `settled`; False when somebody closed it before. Commits row and event together.

    Raises LedgerUnavailableError.
    """
    with transaction.atomic():
        rows = ExceptionCase.objects.filter(pk=case_id, state=CaseState.OPEN)
        if not rows.update(
            state=CaseState.CLOSED, outcome=CaseOutcome.SETTLED, closed_at=now, alarm_at=None, snoozed_until=None
        ):
            return False
        case = ExceptionCase.objects.select_related("workspace").get(pk=case_id)
        append_event(case_event(case, "closed", SYSTEM, data={"outcome": CaseOutcome.SETTLED.value}), now=now)
    return True


def link_rules(entries: Sequence[LedgerEntry], now: datetime) -> None:
    """Link rules to the cases that they were made for. The case stays open: the rule is not published yet."""
    for entry in entries:
        case_id = read_origin(entry.type, entry.data)
        if case_id is not None:
            _link_rule(case_id, entry, now)


def _link_rule(case_id: UUID, entry: LedgerEntry, now: datetime) -> None:
    rows = ExceptionCase.objects.select_for_update(of=("self",)).select_related("workspace")
    case = rows.filter(pk=case_id, workspace__slug=entry.workspace, state=CaseState.OPEN).first()
    if case is None:
        return
    case.outcome, case.change_kind, case.change_id = CaseOutcome.NEW_RULE, "rule", entry.subject.id
    if case.reviewed_at is None:
        case.reviewed_at, case.due_at, case.alarm_at = now, case.remediation_due_at, case.remediation_due_at
    case.save(update_fields=["outcome", "change_kind", "change_id", "reviewed_at", "due_at", "alarm_at"])
    append_event(case_event(case, "linked", entry.actor, data={"change": f"rule:{entry.subject.id}"}), now=now)
