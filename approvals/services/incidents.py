"""Incidents: declaring, finding out, mitigating, closing; each step with its ledger event (EXC-04)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from approvals.domain.incident import Control, Findings, IncidentState, Severity, missing_words
from approvals.models import ExceptionCase, Incident
from approvals.selectors.duty import HANDLES
from approvals.selectors.of_agents import of_agents
from approvals.services.exception_desk import MAX_TEXT, Worker
from audit.domain.event import NewEvent, Subject
from audit.services.append import append_event
from governance.models import Agent
from governance.selectors.access import NotAllowedError, ensure_may_for, ensure_may_for_some
from governance.selectors.held import AgentScope

SUBJECT = "incident"


class IncidentError(ValueError):
    """Nothing was done with the incident; the message says why."""

    code = "incident_refused"


@dataclass(frozen=True, slots=True)
class _By:
    """Who did it, and when."""

    worker: Worker
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What is known when it is declared. With a case, agent and beginning are the case's unless said otherwise."""

    title: str
    severity: str
    case_id: UUID | None = None
    agent: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None


def declare_incident(*, workspace_id: UUID, told: Declaration, worker: Worker, now: datetime) -> UUID:
    """Commits the incident and `incident.declared`; what is of no agent takes the right for the whole workspace.

    Raises IncidentError, NotAllowedError, LedgerUnavailableError.
    """
    agents = ensure_may_for_some(user_id=worker.user_id, permission=HANDLES, workspace_id=workspace_id)
    if not told.title.strip() or told.severity not in set(Severity):
        raise IncidentError("say what happened and how severe it is")
    case = _case(workspace_id, told.case_id, agents)
    agent = _agent(workspace_id, told.agent, agents) or (case.agent if case is not None else None)
    if agents is not None and agent is None:
        raise NotAllowedError("only who works on all exceptions here declares what is of no single agent")
    if case is not None and case.agent not in (None, agent):
        raise IncidentError("the exception is another agent's")
    began_at = told.began_at or (case.first_seen_at if case is not None else now)
    if began_at > now or (told.ended_at is not None and told.ended_at < began_at):
        raise IncidentError("it began before it ended, and not in the future")
    with transaction.atomic():
        incident = Incident.objects.create(
            workspace_id=workspace_id,
            title=told.title.strip()[:200],
            severity=told.severity,
            case=case,
            agent=agent,
            began_at=began_at,
            ended_at=told.ended_at,
            declared_by_id=worker.person_id,
            declared_at=now,
        )
        data = {"severity": told.severity, "case": str(told.case_id or "")}
        _append(incident, "declared", _By(worker, now), data, {"comment": incident.title})
    return incident.pk


def note_incident(*, incident_id: UUID, worker: Worker, text: str, now: datetime) -> None:
    """A line of the timeline by hand; its text is erasable. Raises IncidentError, NotAllowedError."""
    if not text.strip() or len(text) > MAX_TEXT:
        raise IncidentError(f"write something, {MAX_TEXT:,} characters at most")
    with _locked(incident_id, worker) as incident:
        _append(incident, "noted", _By(worker, now), {}, {"comment": text.strip()})


def find_out(
    *, incident_id: UUID, worker: Worker, severity: str, findings: Findings, ended_at: datetime | None, now: datetime
) -> None:
    """Keep what is known by now. Raises IncidentError, NotAllowedError, LedgerUnavailableError."""
    if severity not in set(Severity) or (findings.control and findings.control not in set(Control)):
        raise IncidentError("choose a severity and a control")
    with _locked(incident_id, worker) as incident:
        if ended_at is not None and ended_at < incident.began_at:
            raise IncidentError("it began before it ended")
        incident.severity, incident.ended_at = severity, ended_at
        incident.root_cause, incident.remedy = findings.root_cause.strip(), findings.remedy.strip()
        incident.control = findings.control
        incident.save(update_fields=["severity", "ended_at", "root_cause", "control", "remedy"])
        _append(incident, "updated", _By(worker, now), {"severity": severity, "control": findings.control}, {})


def mitigate_incident(*, incident_id: UUID, worker: Worker, now: datetime) -> None:
    """It does no more harm. Raises IncidentError, NotAllowedError, LedgerUnavailableError."""
    with _locked(incident_id, worker) as incident:
        if incident.state != IncidentState.OPEN:
            raise IncidentError("it is mitigated already")
        incident.state, incident.mitigated_at = IncidentState.MITIGATED, now
        incident.ended_at = incident.ended_at or now
        incident.save(update_fields=["state", "mitigated_at", "ended_at"])
        _append(incident, "mitigated", _By(worker, now), {}, {})


def close_incident(*, incident_id: UUID, worker: Worker, now: datetime) -> None:
    """Refused as long as root cause, failed control or remedy are not said.

    Raises IncidentError, NotAllowedError, LedgerUnavailableError.
    """
    with _locked(incident_id, worker) as incident:
        missing = missing_words(Findings(incident.root_cause, incident.control, incident.remedy))
        if missing:
            raise IncidentError(f"say {', '.join(missing)} first")
        incident.state, incident.closed_at = IncidentState.CLOSED, now
        incident.ended_at = incident.ended_at or now
        incident.save(update_fields=["state", "closed_at", "ended_at"])
        _append(incident, "closed", _By(worker, now), {"control": incident.control}, {})


def _agent(workspace_id: UUID, name: str, agents: AgentScope) -> Agent | None:
    if not name:
        return None
    agent = Agent.objects.filter(of_agents(agents, "pk"), workspace_id=workspace_id, name=name).first()
    if agent is None:
        raise IncidentError("no such agent")
    return agent


def _case(workspace_id: UUID, case_id: UUID | None, agents: AgentScope) -> ExceptionCase | None:
    if case_id is None:
        return None
    rows = ExceptionCase.objects.filter(of_agents(agents), workspace_id=workspace_id)
    case = rows.select_related("agent").filter(pk=case_id).first()
    if case is None:
        raise IncidentError("no such exception")
    return case


@contextmanager
def _locked(incident_id: UUID, worker: Worker) -> Iterator[Incident]:
    """The incident, locked until the transaction ends, unless it is closed."""
    with transaction.atomic():
        rows = Incident.objects.select_for_update(of=("self",)).select_related("workspace")
        incident = rows.filter(pk=incident_id).first()
        if incident is None:
            raise IncidentError("no such incident")
        ensure_may_for(
            user_id=worker.user_id, permission=HANDLES, workspace_id=incident.workspace_id, agent_id=incident.agent_id
        )
        if incident.state == IncidentState.CLOSED:
            raise IncidentError("it is closed")
        yield incident


def _append(incident: Incident, name: str, by: _By, data: dict[str, Any], values: dict[str, Any]) -> None:
    event = NewEvent(
        type=f"incident.{name}",
        workspace=incident.workspace.slug,
        actor=by.worker.actor,
        subject=Subject(SUBJECT, str(incident.pk)),
        correlation_id=f"incident-{incident.pk}",
        data=data,
        values=values,
    )
    append_event(event, now=by.now)
