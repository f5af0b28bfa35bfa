"""What a stop leaves behind: what is already out, what ran minutes ago, what was cancelled, what waits (KIL-02)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from approvals.domain.put_away import FINISHED_BY_STOP, PUT_AWAY, QUARANTINED
from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import of_agents, requests_of
from governance.models import KillSwitch
from governance.selectors.held import AgentScope

JUST_NOW = timedelta(minutes=15)
SHOWN = 10
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Listed:
    """The newest rows and how many there are in all, counted up to 1,000."""

    rows: tuple[AgentActionRequest, ...]
    count: int

    @property
    def is_capped(self) -> bool:
        return self.count >= MOST_COUNTED


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
    """Five queries, and one more for each kind of which there are many. None reads what is long finished."""
    rows = AgentActionRequest.objects.filter(requests_of(agents), workspace_id=workspace_id)
    recent = now - JUST_NOW
    put_away = Q(status=Status.CANCELLED, status_code__in=FINISHED_BY_STOP) | Q(
        status=Status.FAILED, status_code=QUARANTINED
    )
    finished = rows.filter(finished_at__gte=recent)
    by_stop = finished.filter(put_away, status_code__in=PUT_AWAY)
    return Aftermath(
        under_way=_listed(rows.filter(status=Status.EXECUTING)),
        unclear=_listed(rows.filter(status=Status.UNKNOWN)),
        just_done=_listed(finished.filter(status=Status.EXECUTED), "-finished_at", "-id"),
        cancelled=_listed(by_stop, "-finished_at", "-id"),
        queued=_listed(rows.filter(status__in=(Status.APPROVED, Status.HELD))),
    )


def list_recent_switches(workspace_id: UUID, agents: AgentScope = None) -> tuple[KillSwitch, ...]:
    """In force first, then the last ten that were lifted; a stop of all agents is one of each. Two queries."""
    concerned = Q() if agents is None else of_agents(agents) | Q(agent=None)
    rows = KillSwitch.objects.filter(concerned, workspace_id=workspace_id).select_related("agent", "workspace")
    in_force = rows.filter(lifted_at__isnull=True).order_by("-engaged_at")
    lifted = rows.filter(lifted_at__isnull=False).order_by("-lifted_at")[:10]
    return (*in_force, *lifted)


def _listed(rows: QuerySet[AgentActionRequest, Any], *order: str) -> Listed:
    """By what an index gives, so that nothing else is read: the id, unless said otherwise."""
    whole = rows.select_related("workspace", "agent", "connection", "person").order_by(*(order or ("-id",)))
    shown = tuple(whole[:SHOWN])
    return Listed(shown, len(shown) if len(shown) < SHOWN else rows.order_by()[:MOST_COUNTED].count())
