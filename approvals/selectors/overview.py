"""The overview: what happened lately in a workspace, for the home page. Bounded, however much there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Value

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
    """Three queries."""
    rows = AgentActionRequest.objects.filter(requests_of(agents), workspace_id=workspace_id)
    finished = _count("finished", rows.filter(finished_at__gte=now - RECENT).exclude(actor_type=CANARY))
    unfinished = _count("unfinished", rows.filter(status__in=(*OPEN, Status.UNKNOWN)))
    counts: dict[str, dict[str, int]] = {"finished": {}, "unfinished": {}}
    for which, status, count in finished.union(unfinished, all=True):
        counts[which][status] = count
    return Overview(
        **counts,
        executed=_newest(rows, (Status.EXECUTED,)),
        troubled=_newest(rows, TROUBLE),
    )


def _count(which: str, rows: QuerySet[AgentActionRequest]) -> QuerySet[AgentActionRequest, tuple[Any, ...]]:
    """By status: which count it is, the status, how many."""
    told = rows.order_by().annotate(which=Value(which)).values("which", "status")
    found: QuerySet[AgentActionRequest, tuple[Any, ...]]
    found = told.annotate(count=Count("id")).values_list("which", "status", "count")
    return found


def _newest(rows: QuerySet[AgentActionRequest], statuses: Sequence[Status]) -> tuple[AgentActionRequest, ...]:
    return tuple(
        rows.filter(status__in=statuses).select_related("agent", "connection", "person").order_by("-id")[:SHOWN]
    )
