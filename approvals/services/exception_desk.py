"""Working on exceptions: owning, handing over, snoozing, commenting, closing, reopening (EXC-02, EXC-03).

Every step locks the case, is refused when it is closed already, and appends its event in the same transaction: of two
at once the first wins and the other is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from approvals.domain.exception_case import BY_PEOPLE, CaseOutcome, CaseState
from approvals.models import ExceptionCase
from approvals.selectors.case_changes import find_change
from approvals.selectors.duty import HANDLES, get_clocks, list_handlers
from approvals.services.exception_events import case_event
from audit.domain.event import Actor, NewEvent
from audit.services.append import append_event
from governance.selectors.access import ensure_may_for

MAX_SNOOZE = timedelta(days=30)
MAX_TEXT = 4_000


class CaseError(ValueError):
    """Nothing was done with the case; the message says why."""

    code = "case_refused"


class CaseClosedError(CaseError):
    """Somebody closed it before."""

    code = "case_closed"


class CaseNotFoundError(CaseError):
    """No such case."""

    code = "case_not_found"


@dataclass(frozen=True, slots=True)
class Worker:
    """The person who works on a case, by one of their logins."""

    person_id: UUID
    user_id: int

    @property
    def actor(self) -> Actor:
        return Actor("human", str(self.person_id))


def own_case(*, case_id: UUID, worker: Worker, seen_owner: str, now: datetime) -> None:
    """Take the case up. `seen_owner` is the owner whom the person saw, as an id or empty.

    Commits owner, review and `exception.owned`. Raises CaseError (somebody else took it since), CaseClosedError,
    NotAllowedError, LedgerUnavailableError.
    """
    with _locked(case_id, worker) as case:
        owner = str(case.owner_id or "")
        if owner == str(worker.person_id) and case.reviewed_at is not None:
            return
        if owner != seen_owner and owner != str(worker.person_id):
            raise CaseError(f"{case.owner or 'nobody'} owns it by now; look again")
        _review(case, now)
        case.owner_id, case.snoozed_until = worker.person_id, None
        _save(case, case_event(case, "owned", worker.actor, data={"before": owner}), now)


def hand_over(*, case_id: UUID, worker: Worker, to: UUID, now: datetime) -> None:
    """Make somebody else its owner, who must be able to work on it. No clock stops or begins anew.

    Raises CaseError, CaseClosedError, NotAllowedError, LedgerUnavailableError.
    """
    with _locked(case_id, worker) as case:
        if not list_handlers(case.workspace_id, case.agent_id).filter(pk=to).exists():
            raise CaseError("they may not work on exceptions here")
        before = str(case.owner_id or "")
        if before == str(to):
            return
        case.owner_id = to
        _save(case, case_event(case, "handed_over", worker.actor, data={"before": before, "to": str(to)}), now)


def snooze_case(*, case_id: UUID, worker: Worker, until: datetime, now: datetime) -> None:
    """Keep it out of the queue until then, 30 days at most. Its clocks run on: an alarm is raised all the same.

    Raises CaseError, CaseClosedError, NotAllowedError, LedgerUnavailableError.
    """
    if not now < until <= now + MAX_SNOOZE:
        raise CaseError("say until when, 30 days at most")
    with _locked(case_id, worker) as case:
        case.snoozed_until = until
        _save(case, case_event(case, "snoozed", worker.actor, data={"until": until.isoformat()}), now)


def comment_case(*, case_id: UUID, worker: Worker, text: str, now: datetime) -> None:
    """Say something about it. The text is kept as an erasable value of the event. Looking counts as its review.

    Raises CaseError, CaseClosedError, NotAllowedError, LedgerUnavailableError.
    """
    said = _said(text)
    with _locked(case_id, worker) as case:
        _review(case, now)
        _save(case, case_event(case, "commented", worker.actor, data={}, values={"comment": said}), now)


def decide_outcome(*, case_id: UUID, worker: Worker, outcome: str, now: datetime) -> None:
    """Say what is to come of it; closing shows that it was done. Counts as its review.

    Raises CaseError, CaseClosedError, NotAllowedError, LedgerUnavailableError.
    """
    with _locked(case_id, worker) as case:
        _review(case, now)
        case.outcome = _outcome(outcome)
        _save(case, case_event(case, "outcome_set", worker.actor, data={"outcome": case.outcome}), now)


def close_case(
    *,
    case_id: UUID,
    worker: Worker,
    outcome: str,
    change: str = "",
    duplicate_of: UUID | None = None,
    note: str = "",
    now: datetime,
) -> None:
    """Close it with its outcome. `change` names what was changed, as `rule:ID`; needed where the outcome says that
    something was: it must be of this workspace and newer than the case.

    Raises CaseError, CaseClosedError, NotAllowedError, LedgerUnavailableError.
    """
    with _locked(case_id, worker) as case:
        case.outcome = _outcome(outcome or case.outcome)
        _link(case, change)
        case.duplicate_of_id = _original(case, duplicate_of)
        _review(case, now)
        case.state, case.closed_at, case.closed_by_id = CaseState.CLOSED, now, worker.person_id
        case.alarm_at, case.snoozed_until = None, None
        data = {
            "outcome": case.outcome,
            "change": f"{case.change_kind}:{case.change_id}" if case.change_id else "",
            "duplicate_of": str(case.duplicate_of_id or ""),
        }
        values = {"comment": note.strip()[:MAX_TEXT]} if note.strip() else None
        _save(case, case_event(case, "closed", worker.actor, data=data, values=values), now)


def reopen_case(*, case_id: UUID, worker: Worker, reason: str, now: datetime) -> None:
    """Open it again, with clocks that begin anew. Refused while another case of the same cause is open.

    Raises CaseError, NotAllowedError, LedgerUnavailableError.
    """
    said = _said(reason)
    try:
        with _locked(case_id, worker, expected=CaseState.CLOSED) as case:
            clocks = get_clocks(workspace_id=case.workspace_id, now=now)
            case.state, case.closed_at, case.closed_by_id, case.reviewed_at = CaseState.OPEN, None, None, None
            case.outcome, case.change_kind, case.change_id, case.duplicate_of_id = "", "", "", None
            case.review_due_at, case.remediation_due_at = clocks.review_due_at, clocks.remediation_due_at
            case.due_at = case.alarm_at = clocks.review_due_at
            case.owner_id = worker.person_id
            _save(case, case_event(case, "reopened", worker.actor, data={}, values={"comment": said}), now)
    except IntegrityError as error:
        raise CaseError("a newer case of the same cause is open") from error


@contextmanager
def _locked(case_id: UUID, worker: Worker, expected: CaseState = CaseState.OPEN) -> Iterator[ExceptionCase]:
    """The case, locked until the transaction ends. Raises CaseNotFoundError, CaseClosedError, NotAllowedError."""
    with transaction.atomic():
        rows = ExceptionCase.objects.select_for_update(of=("self",)).select_related("workspace", "owner", "closed_by")
        case = rows.filter(pk=case_id).first()
        if case is None:
            raise CaseNotFoundError("no such exception")
        ensure_may_for(
            user_id=worker.user_id, permission=HANDLES, workspace_id=case.workspace_id, agent_id=case.agent_id
        )
        if case.state != expected:
            by = f" by {case.closed_by}" if case.closed_by is not None else ""
            raise CaseClosedError(f"it was closed{by}" if case.state == CaseState.CLOSED else "it is open")
        yield case


def _save(case: ExceptionCase, event: NewEvent, now: datetime) -> None:
    case.save(update_fields=_MOVED)
    append_event(event, now=now)


_MOVED = [
    *("state", "owner", "reviewed_at", "review_due_at", "remediation_due_at", "due_at", "alarm_at", "snoozed_until"),
    *("outcome", "change_kind", "change_id", "duplicate_of", "closed_at", "closed_by"),
]
"""Not the count: another transaction may raise it meanwhile."""


def _review(case: ExceptionCase, now: datetime) -> None:
    """From now on the clock of the remediation runs."""
    if case.reviewed_at is None:
        case.reviewed_at = now
        case.due_at = case.alarm_at = case.remediation_due_at


def _outcome(outcome: str) -> CaseOutcome:
    if outcome not in BY_PEOPLE:
        raise CaseError("choose an outcome")
    return CaseOutcome(outcome)


def _link(case: ExceptionCase, change: str) -> None:
    kind, _, id_ = change.partition(":")
    found = find_change(
        workspace_id=case.workspace_id,
        outcome=CaseOutcome(case.outcome),
        kind=kind,
        id_=id_,
        agent_id=case.agent_id,
        since=case.opened_at,
    )
    if found is None:
        raise CaseError("name the change that was made for it since it was opened")
    case.change_kind, case.change_id = (kind, id_) if found else ("", "")


def _original(case: ExceptionCase, duplicate_of: UUID | None) -> UUID | None:
    if case.outcome != CaseOutcome.DUPLICATE:
        return None
    others = ExceptionCase.objects.filter(workspace_id=case.workspace_id).exclude(pk=case.pk)
    if duplicate_of is None or not others.filter(pk=duplicate_of).exists():
        raise CaseError("say which exception it is a duplicate of")
    return duplicate_of


def _said(text: str) -> str:
    said = text.strip()
    if not said or len(said) > MAX_TEXT:
        raise CaseError(f"write something, {MAX_TEXT:,} characters at most")
    return said
