"""Reading a month for its sponsor review: tallies by month, the month's incidents (REP-02)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from approvals.domain.months import Month, month_of
from approvals.models import Incident, ReportTally

Sums = dict[Month, dict[str, int]]


def sum_months(*, workspace_id: UUID, months: Sequence[Month], measures: Collection[str]) -> Sums:
    """Month → plain measure → count. One query that names days and measures: it walks to each along the key."""
    found: Sums = {month: defaultdict(int) for month in months}
    rows = _of_days(workspace_id, months, measures).values_list("day", "measure").annotate(total=Sum("count"))
    for day, measure, total in rows.order_by():
        found[month_of(day)][measure] += total
    return found


def sum_agents(*, workspace_id: UUID, month: Month, measures: Collection[str]) -> dict[UUID, dict[str, int]]:
    """Agent → plain measure → count. One query."""
    found: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = _of_days(workspace_id, [month], measures).values_list("agent_id", "measure").annotate(total=Sum("count"))
    for agent, measure, total in rows.order_by():
        found[agent][measure] += total
    return found


def list_incidents_of(*, workspace_id: UUID, month: Month) -> list[Incident]:
    """Declared in the month, or not closed before it ended; the newest first. One query."""
    rows = Incident.objects.filter(workspace_id=workspace_id, declared_at__lt=month.end)
    wanted = Q(declared_at__gte=month.start) | Q(closed_at=None) | Q(closed_at__gte=month.end)
    return list(rows.filter(wanted).select_related("agent").order_by("-declared_at", "-id"))


def _of_days(workspace_id: UUID, months: Sequence[Month], measures: Collection[str]) -> QuerySet[ReportTally]:
    days = [day for month in months for day in month.days]
    return ReportTally.objects.filter(workspace_id=workspace_id, day__in=days, measure__in=list(measures), detail="")
