"""The weekly report of a workspace, from its tallies alone: as fast with a million requests as with ten (REP-01)."""

from collections.abc import Mapping
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
from approvals.domain.week_sums import WeekSums
from approvals.domain.weeks import LENGTH, Week
from approvals.selectors.report_tallies import get_names, read_weeks
from governance.selectors.held import AgentScope

TREND_WEEKS = 8


def make_weekly_report(*, workspace_id: UUID, week: Week, agents: AgentScope = None) -> Report:
    """The week beside the one before it, of these agents. Two queries where all is rolled up, four at most."""
    past = _weeks_to(week)
    sums = read_weeks(workspace_id=workspace_id, whole=(week, week.before), drawn=past[:-2], agents=agents)
    now, before = Counts(sums[week]), Counts(sums[week.before])
    fields = make_field_lines(now)
    names, groups = get_names(workspace_id)
    return Report(
        week=week,
        figures=make_figures(now, before),
        reasons=make_reasons(now, before),
        agents=make_agent_lines(now, names),
        fields=fields[:MOST_FIELDS],
        more_fields=max(0, len(fields) - MOST_FIELDS),
        days=tuple((day, _of_day(sums[week], day)) for day in week.days),
        trend=tuple((one, _acceptance(sums[one])) for one in past),
        groups=groups,
    )


def _of_day(sums: WeekSums, day: date) -> Mapping[Measure, int]:
    found = sums.days.get(day.isoformat(), {})
    return {measure: found[measure] for measure in Measure if measure in found}


def _acceptance(sums: WeekSums) -> Share | None:
    yes, no = (
        sum(found.get(measure, 0) for found in sums.days.values())
        for measure in (Measure.APPROVED_BY_PEOPLE, Measure.DENIED_BY_PEOPLE)
    )
    return share_of(yes, yes + no)


def _weeks_to(week: Week) -> tuple[Week, ...]:
    """The last weeks, oldest first, this one included."""
    return tuple(Week(week.monday - number * LENGTH) for number in reversed(range(TREND_WEEKS)))
