"""One incident as its page and its paper show it (EXC-04)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from approvals.domain.incident import CONTROL_WORDS, Control, Findings, Severity, missing_words
from approvals.models import Incident
from approvals.selectors.drift import Evidence, count_evidence, list_evidence
from approvals.selectors.incidents import BlastRadius, get_blast_radius, list_incident_requests, list_window_events
from approvals.services.exception_events import SUBJECT as CASE
from approvals.services.incidents import SUBJECT
from approvals.services.pages.exceptions import CaseEvent, show_case_events
from approvals.services.pages.rows import RequestRow, show_rows
from audit.domain.event import Subject
from audit.selectors.events import LedgerEntry
from governance.selectors.held import AgentScope

TONES = {Severity.LOW: "mute", Severity.MEDIUM: "wait", Severity.HIGH: "warn", Severity.CRITICAL: "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    """`acts` are what the agent did in the window, as the ledger says; `missing` what is to be said before closing.
    `drift` are the newest of `drift_count` changes at the CRM that it rests on.
    `case_id` is the exception that it began at, None also where that is another agent's, whom they do not see."""

    incident: Incident
    case_id: UUID | None
    tone: str
    control: str
    radius: BlastRadius
    requests: tuple[RequestRow, ...]
    events: tuple[CaseEvent, ...]
    acts: tuple[LedgerEntry, ...]
    drift: tuple[Evidence, ...]
    drift_count: int
    missing: tuple[str, ...]


def show_incident(incident: Incident, *, now: datetime, agents: AgentScope = None) -> IncidentPage:
    """For who sees these agents. A constant number of queries."""
    case_id = _seen_case(incident, agents)
    subjects = [Subject(SUBJECT, str(incident.pk))]
    if case_id is not None:
        subjects.append(Subject(CASE, str(case_id)))
    events = [event for subject in subjects for event in show_case_events(subject)]
    findings = Findings(incident.root_cause, incident.control, incident.remedy)
    return IncidentPage(
        incident=incident,
        case_id=case_id,
        tone=TONES[Severity(incident.severity)],
        control=CONTROL_WORDS[Control(incident.control)] if incident.control else "",
        radius=get_blast_radius(incident, now=now),
        requests=show_rows(list_incident_requests(incident, now=now), now=now),
        events=tuple(sorted(events, key=lambda event: (event.at, event.id))),
        acts=tuple(list_window_events(incident, now=now)),
        drift=tuple(list_evidence(incident.pk)) if incident.origin_key else (),
        drift_count=count_evidence(incident.pk) if incident.origin_key else 0,
        missing=missing_words(findings),
    )


def _seen_case(incident: Incident, agents: AgentScope) -> UUID | None:
    case = incident.case
    return case.pk if case is not None and (agents is None or case.agent_id in agents) else None
