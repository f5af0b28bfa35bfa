"""The weekly report of a workspace, from its tallies alone: as fast with a million requests as with ten (REP-01)."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from approvals.domain.measures import Measure
from approvals.domain.report import (
    MOST_FIELDS,
    Counts,
    Report,
    make_agent_lines,
    make_field_lines,
    make_figures,
    make_reasons,
)
from approvals.domain.statistics import Share, share_of
from approvals.domain.weeks import LENGTH, Week
from approvals.selectors.report_tallies import get_agent_names, list_days, sum_week, sum_week_beside

TREND_WEEKS = 8
CHARTED = (
    Measure.RECEIVED,
    Measure.EXECUTED,
    Measure.DENIED_BY_POLICY,
    Measure.DENIED_BY_PEOPLE,
    Measure.APPROVED_BY_PEOPLE,
    Measure.EXPIRED,
    Measure.CANCELLED,
    Measure.CONFLICT,
    Measure.FAILED,
)


@dataclass(frozen=True, slots=True)
class _Days:
    """Counts of each day of the weeks that are drawn."""

    counts: dict[date, Counter[Measure]]

    def of(self, day: date) -> Counter[Measure]:
        return self.counts.get(day, Counter())

    def acceptance(self, week: Week) -> Share | None:
        total: Counter[Measure] = sum((self.of(day) for day in week.days), Counter())
        yes = total[Measure.APPROVED_BY_PEOPLE]
        return share_of(yes, yes + total[Measure.DENIED_BY_PEOPLE])


def make_weekly_report(*, workspace_id: UUID, week: Week, agents: Collection[UUID] | None = None) -> Report:
    """The week beside the one before it; of these agents only unless None. Four queries."""
    now = Counts(sum_week(workspace_id=workspace_id, week=week, agents=agents))
    before = Counts(sum_week_beside(workspace_id=workspace_id, week=week.before, agents=agents))
    days = _read_days(workspace_id, week, agents)
    fields = make_field_lines(now)
    return Report(
        week=week,
        figures=make_figures(now, before),
        reasons=make_reasons(now, before),
        agents=make_agent_lines(now, get_agent_names(workspace_id)),
        fields=fields[:MOST_FIELDS],
        more_fields=max(0, len(fields) - MOST_FIELDS),
        days=tuple((day, days.of(day)) for day in week.days),
        trend=tuple((past, days.acceptance(past)) for past in _weeks_to(week)),
    )


def _read_days(workspace_id: UUID, week: Week, agents: Collection[UUID] | None) -> _Days:
    first = _weeks_to(week)[0].monday
    counts: dict[date, Counter[Measure]] = {}
    found = list_days(workspace_id=workspace_id, first=first, last=week.sunday, measures=CHARTED, agents=agents)
    for day, measure, count in found:
        counts.setdefault(day, Counter())[Measure(measure)] += count
    return _Days(counts)


def _weeks_to(week: Week) -> tuple[Week, ...]:
    """The last weeks, oldest first, this one included."""
    return tuple(Week(week.monday - number * LENGTH) for number in reversed(range(TREND_WEEKS)))
