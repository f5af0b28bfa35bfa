"""The overview: what happened lately in a workspace, for the home page. Bounded, however much there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from approvals.domain.canary import CANARY
from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import requests_of
from governance.selectors.held import AgentScope

RECENT = timedelta(hours=24)
SHOWN = 5
TROUBLE = (Status.FAILED, Status.CONFLICT, Status.UNKNOWN)
OPEN = (Status.EVALUATING, Status.PENDING, Status.APPROVED, Status.HELD, Status.EXECUTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`finished` counts the last 24 hours by status, `unfinished` everything that is still open by status."""

    finished: dict[str, int]
    unfinished: dict[str, int]
    executed: tuple[AgentActionRequest, ...]
    troubled: tuple[AgentActionRequest, ...]


def get_overview(*, workspace_id: UUID, now: datetime, agents: AgentScope = None) -> Overview:
    """Four queries."""
    rows = AgentActionRequest.objects.filter(requests_of(agents), workspace_id=workspace_id)
    return Overview(
        finished=_count(rows.filter(finished_at__gte=now - RECENT).exclude(actor_type=CANARY).values_list("status")),
        unfinished=_count(rows.filter(status__in=(*OPEN, Status.UNKNOWN)).values_list("status")),
        executed=_newest(rows, (Status.EXECUTED,)),
        troubled=_newest(rows, TROUBLE),
    )


def _count(rows: QuerySet[AgentActionRequest, Any]) -> dict[str, int]:
    return dict(rows.annotate(count=Count("id")).order_by())


def _newest(rows: QuerySet[AgentActionRequest], statuses: Sequence[Status]) -> tuple[AgentActionRequest, ...]:
    return tuple(
        rows.filter(status__in=statuses).select_related("agent", "connection", "person").order_by("-id")[:SHOWN]
    )
