"""What a stop leaves behind: what is already out, what ran minutes ago, what was cancelled, what waits (KIL-02)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import of_agents, requests_of
from governance.models import KillSwitch
from governance.selectors.held import AgentScope

JUST_NOW = timedelta(minutes=15)
SHOWN = 10
_FINISHED_BY_STOP = (
    "switch_all",
    "switch_agent",
    "switch_write_back",
    "switch_read_only",
    "switch_send",
    "switch_enroll",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """The newest rows and how many there are in all."""

    rows: tuple[AgentActionRequest, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """`under_way`: handed to a worker, maybe to the CRM. `unclear`: nobody knows yet. `just_done`: written or sent in
    the last minutes. `cancelled`: taken out by a stop or put away. `queued`: approved, runs once the stop is lifted."""

    under_way: Listed
    unclear: Listed
    just_done: Listed
    cancelled: Listed
    queued: Listed


def get_aftermath(*, workspace_id: UUID, now: datetime, agents: AgentScope = None) -> Aftermath:
    """Ten queries, however much there is."""
    rows = AgentActionRequest.objects.filter(requests_of(agents), workspace_id=workspace_id)
    recent = now - JUST_NOW
    put_away = Q(status=Status.CANCELLED, status_code__in=_FINISHED_BY_STOP) | Q(
        status=Status.FAILED, status_code="quarantined"
    )
    return Aftermath(
        under_way=_listed(rows.filter(status=Status.EXECUTING)),
        unclear=_listed(rows.filter(status=Status.UNKNOWN)),
        just_done=_listed(rows.filter(status=Status.EXECUTED, finished_at__gte=recent)),
        cancelled=_listed(rows.filter(put_away, finished_at__gte=recent)),
        queued=_listed(rows.filter(status__in=(Status.APPROVED, Status.HELD))),
    )


def list_recent_switches(workspace_id: UUID, agents: AgentScope = None) -> tuple[KillSwitch, ...]:
    """In force first, then the last ten that were lifted; a stop of all agents is one of each. Two queries."""
    concerned = Q() if agents is None else of_agents(agents) | Q(agent=None)
    rows = KillSwitch.objects.filter(concerned, workspace_id=workspace_id).select_related("agent", "workspace")
    in_force = rows.filter(lifted_at__isnull=True).order_by("-engaged_at")
    lifted = rows.filter(lifted_at__isnull=False).order_by("-lifted_at")[:10]
    return (*in_force, *lifted)


def _listed(rows: QuerySet[AgentActionRequest, Any]) -> Listed:
    shown = rows.select_related("workspace", "agent", "connection", "person").order_by("-id")[:SHOWN]
    return Listed(tuple(shown), rows.count())
