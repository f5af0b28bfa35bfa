"""Incidents: lists, how far one reached as rows say, and what the ledger tells of its window (EXC-04)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from approvals.domain.exception_case import CaseKind, CaseState
from approvals.models import AgentActionRequest, ExceptionCase, Incident
from approvals.selectors.of_agents import of_agents
from audit.domain.event import Actor
from audit.domain.identifier import first_id_at
from audit.selectors.events import LedgerEntry, list_events
from governance.domain.action_class import SENDS
from governance.domain.vocabulary import ActorType
from governance.models import Touch
from governance.selectors.held import AgentScope

_MOST = 100
MAX_COUNT = 10_000
_MOST_SENT = 5_000
_APPLIED = ("executed", "reverted")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastRadius:
    """Counted up to ten thousand requests of the agent in the window; without an agent, of all agents.

    `records` are those whose change was applied, `reverted` how many changes were taken back since. `people`: each
    message counts its own, so that somebody written to twice counts twice.
    """

    requests: int
    applied: int
    reverted: int
    denied: int
    records: int
    messages: int
    people: int
    is_capped: bool


def list_incidents(workspace_id: UUID, agents: AgentScope = None) -> list[Incident]:
    """The newest hundred. One query."""
    rows = Incident.objects.filter(of_agents(agents), workspace_id=workspace_id).select_related("agent", "declared_by")
    return list(rows.order_by("-id")[:_MOST])


def find_incident(incident_id: UUID) -> Incident | None:
    """One query."""
    rows = Incident.objects.select_related("workspace", "agent", "declared_by", "case__agent")
    return rows.filter(pk=incident_id).first()


def list_suggested(workspace_id: UUID, agents: AgentScope = None) -> list[ExceptionCase]:
    """Open breaker trips and stopped agents that no incident speaks of. One query."""
    rows = ExceptionCase.objects.filter(
        of_agents(agents),
        workspace_id=workspace_id,
        state=CaseState.OPEN,
        kind__in=(CaseKind.BREAKER_TRIP, CaseKind.AGENT_STOPPED),
        incidents__isnull=True,
    )
    return list(rows.select_related("agent", "owner").order_by("-id")[:10])


def get_blast_radius(incident: Incident, *, now: datetime) -> BlastRadius:
    """From the rows of the window: requests, records, people. Two queries."""
    columns = ("pk", "status", "object_type", "record_id", "action")
    rows = list(_within(incident, now).order_by("-id").values_list(*columns)[:MAX_COUNT])
    applied = [row for row in rows if row[1] in _APPLIED]
    sent = [row[0] for row in applied if row[4] in SENDS]
    touched = Touch.objects.filter(request_id__in=sent[:_MOST_SENT]).values("request_id", "person_number").distinct()
    people = touched.count() if sent else 0
    return BlastRadius(
        requests=len(rows),
        applied=len(applied),
        reverted=sum(row[1] == "reverted" for row in rows),
        denied=sum(row[1] == "denied" for row in rows),
        records=len({(row[2], row[3]) for row in applied if row[3]}),
        messages=len(sent),
        people=people,
        is_capped=len(rows) == MAX_COUNT,
    )


def list_incident_requests(incident: Incident, *, now: datetime, limit: int = 20) -> list[AgentActionRequest]:
    """The newest of the window that were applied. One query."""
    rows = _within(incident, now).filter(status__in=_APPLIED).select_related("agent", "connection", "person")
    return list(rows.order_by("-id")[:limit])


def list_window_events(incident: Incident, *, now: datetime, limit: int = 100) -> list[LedgerEntry]:
    """What the ledger says of the agent's own acts in the window, oldest first; without an agent, nothing."""
    if incident.agent is None:
        return []
    actor = Actor("agent", incident.agent.name)
    until = incident.ended_at or now
    slug = incident.workspace.slug
    return list_events(actor=actor, workspace=slug, since=incident.began_at, until=until, limit=limit)[::-1]


def _within(incident: Incident, now: datetime) -> QuerySet[AgentActionRequest]:
    until = incident.ended_at or now
    rows = AgentActionRequest.objects.filter(
        workspace_id=incident.workspace_id,
        actor_type=ActorType.AGENT,
        created_at__gte=incident.began_at,
        created_at__lte=until,
        pk__gte=first_id_at(incident.began_at),
    )
    return rows.filter(agent=incident.agent) if incident.agent is not None else rows
