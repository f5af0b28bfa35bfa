"""Reading tallies of reports: a stretch of days of one workspace, never the requests themselves (REP-01)."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, Sum, UUIDField, Value, When

from approvals.domain.report import Tally
from approvals.domain.report_keys import CODE, FIELD, NO_AGENT
from approvals.domain.status import Status
from approvals.domain.weeks import Week
from approvals.models import AgentActionRequest, ReportTally
from governance.models import Agent

_MOST = 1_000
_NOBODY = Value(NO_AGENT, output_field=UUIDField())


def _tallies(workspace_id: UUID, agents: Collection[UUID] | None) -> QuerySet[ReportTally]:
    rows = ReportTally.objects.filter(workspace_id=workspace_id)
    return rows if agents is None else rows.filter(agent_id__in=agents)


def sum_week(*, workspace_id: UUID, week: Week, agents: Collection[UUID] | None = None) -> list[Tally]:
    """Every measure of the week, by agent and detail; of these agents only unless None. One query.

    Fields and reason codes are summed over the agents, under the zero id: nobody asks whose they were.
    """
    is_split = Q(measure__startswith=FIELD) | Q(measure__startswith=CODE)
    whose = Case(When(is_split, then=_NOBODY), default=F("agent_id"), output_field=UUIDField())
    return _sum(_of_week(workspace_id, week, agents).annotate(whose=whose))


def sum_week_beside(*, workspace_id: UUID, week: Week, agents: Collection[UUID] | None = None) -> list[Tally]:
    """The week that another is compared with: over all agents, without the fields. One query."""
    rows = _of_week(workspace_id, week, agents).exclude(measure__startswith=FIELD)
    return _sum(rows.annotate(whose=_NOBODY))


def _of_week(workspace_id: UUID, week: Week, agents: Collection[UUID] | None) -> QuerySet[ReportTally]:
    return _tallies(workspace_id, agents).filter(day__gte=week.monday, day__lte=week.sunday)


def _sum(rows: Any) -> list[Tally]:
    summed = rows.values_list("measure", "whose", "detail").annotate(total=Sum("count")).order_by()
    return [(measure, agent, detail, total) for measure, agent, detail, total in summed]


def list_days(
    *,
    workspace_id: UUID,
    first: date,
    last: date,
    measures: Collection[str],
    agents: Collection[UUID] | None = None,
) -> list[tuple[date, str, int]]:
    """(day, measure, count) of the plain measures named, from the first day to the last. One query."""
    rows = _tallies(workspace_id, agents).filter(day__gte=first, day__lte=last, measure__in=measures, detail="")
    return list(rows.values_list("day", "measure").annotate(total=Sum("count")).order_by("day"))


def get_agent_names(workspace_id: UUID) -> dict[UUID, str]:
    """One query."""
    return dict(Agent.objects.filter(workspace=workspace_id).values_list("pk", "name"))


def count_unknown(workspace_id: UUID, agents: Collection[UUID] | None = None) -> int:
    """Requests whose outcome is unknown now, at most 1,000 of them counted. One query along an index."""
    rows = AgentActionRequest.objects.filter(workspace_id=workspace_id, status=Status.UNKNOWN)
    if agents is not None:
        rows = rows.filter(agent_id__in=agents)
    return rows[:_MOST].count()
