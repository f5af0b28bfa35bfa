"""The exception queue and one case of it, as pages show them (EXC-01…03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from approvals.domain.case_words import KIND_WORDS, OUTCOME_WORDS, cause_words, clock_words
from approvals.domain.exception_case import BY_PEOPLE, CaseKind, CaseOutcome, CaseState
from approvals.domain.visible_text import Piece, reveal
from approvals.domain.wording import duration_words
from approvals.models import AgentActionRequest, ExceptionCase
from approvals.selectors.case_changes import Change, list_changes
from approvals.selectors.exceptions import list_alike, list_case_requests
from approvals.selectors.people import get_people_names
from approvals.services.exception_events import SUBJECT
from approvals.services.pages.labels import fields_of
from approvals.services.pages.review import ShownCheck, show_checks
from approvals.services.pages.rows import RequestRow, show_rows
from audit.domain.event import Subject
from audit.selectors.events import LedgerEntry, get_values, list_events
from governance.domain.check_result import DENY

_TITLES = {
    "exception.opened": "Opened",
    "exception.owned": "Taken up",
    "exception.handed_over": "Handed over",
    "exception.snoozed": "Snoozed",
    "exception.commented": "Comment",
    "exception.outcome_set": "Outcome chosen",
    "exception.linked": "Linked to a change",
    "exception.overdue": "Overdue",
    "exception.reported": "Reported",
    "exception.closed": "Closed",
    "exception.reopened": "Opened again",
    "incident.declared": "Incident declared",
    "incident.joined": "More of the same",
    "drift.found": "A write that no request explains",
    "incident.updated": "Findings kept",
    "incident.noted": "Note",
    "incident.mitigated": "Mitigated",
    "incident.closed": "Incident closed",
}
_CHANGE_PAGES = {"rule": "rule", "grant": "grant", "matrix": "fieldownership", "policy": "policyversion"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of the queue. `clock` is how its clock stands; empty when it is closed."""

    case: ExceptionCase
    cause: str
    kind: str
    place: str
    age: str
    clock: str
    is_overdue: bool
    is_snoozed: bool
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """One event of the case. `said` is what a person wrote, empty also when it was erased."""

    id: UUID
    title: str
    at: datetime
    actor: str
    detail: str
    said: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeChoice:
    """One outcome, and what may be named as the change that was made for it."""

    value: str
    words: str
    changes: tuple[Change, ...]
    takes_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePageShown:
    """`rule_query` opens the rule builder filled in; empty where no rule could help."""

    row: CaseRow
    requests: tuple[RequestRow, ...]
    reasons: tuple[ShownCheck, ...]
    events: tuple[CaseEvent, ...]
    outcomes: tuple[OutcomeChoice, ...]
    alike: tuple[CaseRow, ...]
    rule_query: str
    change_page: str
    linked: str


def show_cases(cases: Sequence[ExceptionCase], *, now: datetime) -> tuple[CaseRow, ...]:
    """Expects agent and owner joined. No query."""
    return tuple(show_case_row(case, now) for case in cases)


def show_case_row(case: ExceptionCase, now: datetime) -> CaseRow:
    """One line in words. Expects agent and owner joined."""
    is_open = case.state == CaseState.OPEN
    clock = clock_words(due_at=case.due_at, is_reviewed=case.reviewed_at is not None, now=now) if is_open else ""
    return CaseRow(
        case=case,
        cause=cause_words(case.kind, case.code),
        kind=KIND_WORDS[CaseKind(case.kind)],
        place=".".join(part for part in (case.object_type, case.field) if part),
        age=duration_words(now - case.opened_at),
        clock=clock,
        is_overdue=is_open and case.due_at < now,
        is_snoozed=is_open and case.snoozed_until is not None and case.snoozed_until > now,
        outcome=OUTCOME_WORDS[CaseOutcome(case.outcome)] if case.outcome else "",
    )


def show_case(case: ExceptionCase, *, back: str, now: datetime) -> CasePageShown:
    """Everything about one case. `back` is its own address, to which the rule builder returns."""
    requests = list_case_requests(case.pk)
    return CasePageShown(
        row=show_case_row(case, now),
        requests=show_rows(requests, now=now),
        reasons=_reasons(requests),
        events=show_case_events(Subject(SUBJECT, str(case.pk))),
        outcomes=_outcomes(case),
        alike=show_cases(list_alike(case), now=now) if case.state == CaseState.OPEN else (),
        rule_query=_rule_query(case, requests, back),
        change_page=_CHANGE_PAGES.get(case.change_kind, ""),
        linked=f"{case.change_kind}:{case.change_id}",
    )


def show_case_events(subject: Subject) -> tuple[CaseEvent, ...]:
    """The ledger's events about one case or incident, oldest first. Three queries."""
    entries = list_events(subject=subject, limit=200)[::-1]
    values = get_values([entry.id for entry in entries if entry.commitments])
    ids = {entry.actor.id for entry in entries} | {str(entry.data.get("to", "")) for entry in entries}
    names = get_people_names(ids)
    return tuple(_event(entry, values.get(entry.id, {}), names) for entry in entries)


def _event(entry: LedgerEntry, values: dict[str, object], names: dict[str, str]) -> CaseEvent:
    data = entry.data
    details = [str(data["stage"])] if data.get("stage") else []
    details += [names.get(str(data["to"]), "")] if data.get("to") else []
    details += [f"until {str(data['until'])[:16].replace('T', ' ')}"] if data.get("until") else []
    details += [OUTCOME_WORDS[CaseOutcome(data["outcome"])]] if data.get("outcome") else []
    details += [str(data["severity"])] if data.get("severity") else []
    return CaseEvent(
        id=entry.id,
        title=_TITLES.get(entry.type, entry.type.replace("_", " ").replace(".", ": ")),
        at=entry.at,
        actor=names.get(entry.actor.id, entry.actor.id),
        detail=", ".join(details),
        said=reveal(str(values.get("comment", ""))),
    )


def _reasons(requests: Sequence[AgentActionRequest]) -> tuple[ShownCheck, ...]:
    """What denied the newest of them."""
    newest = next(iter(requests), None)
    if newest is None:
        return ()
    checks = show_checks(newest, fields_of(newest, newest.object_type))
    return tuple(check for check in checks if check.outcome == DENY)


def _outcomes(case: ExceptionCase) -> tuple[OutcomeChoice, ...]:
    if case.state != CaseState.OPEN:
        return ()
    changes = list_changes(workspace_id=case.workspace_id, agent_id=case.agent_id, since=case.opened_at)
    return tuple(
        OutcomeChoice(
            value=outcome.value,
            words=OUTCOME_WORDS[outcome],
            changes=changes.get(outcome, ()),
            takes_change=outcome in changes,
        )
        for outcome in BY_PEOPLE
    )


def _rule_query(case: ExceptionCase, requests: Sequence[AgentActionRequest], back: str) -> str:
    if case.state != CaseState.OPEN or not case.object_type:
        return ""
    name = f"{case.agent.name if case.agent is not None else 'people'}: {case.field or case.object_type}"
    members = {
        "workspace": str(case.workspace_id),
        "for": f"{SUBJECT}:{case.pk}",
        "next": back,
        "action": requests[0].action if requests else "",
        "object": case.object_type,
        "field": case.field,
        "name": name,
        "reason": cause_words(case.kind, case.code),
    }
    return urlencode({key: value for key, value in members.items() if value})
