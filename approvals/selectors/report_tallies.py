"""Reading what reports are made of: roll-ups, and tallies where none reaches; never the requests (REP-01)."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Case, F, JSONField, Q, QuerySet, Sum, TextField, Value, When
from django.db.models.functions import Cast, Replace

from approvals.domain.report_keys import CODE, FIELD
from approvals.domain.status import Status
from approvals.domain.week_sums import Tally, WeekSums, sums_of
from approvals.domain.weeks import Week, week_of
from approvals.models import AgentActionRequest, ReportRollUp, ReportTally
from approvals.selectors.of_agents import of_agents, requests_of
from governance.models import Agent, ApproverGroup
from governance.selectors.held import AgentScope

_MOST = 1_000
_AGENTS, _GROUPS = "agent", "group"
_NOBODY = Value("", output_field=TextField())
_AGENT = Replace(Cast("agent_id", TextField()), Value("-"), Value(""))
_IS_SPLIT = Q(measure__startswith=FIELD) | Q(measure__startswith=CODE)
Span = tuple[date, date]
"""First and last day."""


def read_weeks(
    *, workspace_id: UUID, whole: Collection[Week], drawn: Sequence[Week], agents: AgentScope = None
) -> dict[Week, WeekSums]:
    """Sums of the weeks asked for: all of them of `whole`, the days alone of `drawn`.

    Up to two queries: the roll-ups first, so that one made meanwhile is not counted twice, then the days beyond them.
    Roll-ups are over all agents: of some `agents` every day is added up from its tallies.
    """
    weeks = [*whole, *drawn]
    found, reached = {week: WeekSums() for week in weeks}, dict[Week, date]()
    if agents is None:
        found, reached = _read_roll_ups(workspace_id, weeks, whole)
    beyond = {week: span for week in found if (span := _beyond(week, reached.get(week))) is not None}
    if not beyond:
        return found
    plain = [span for week, span in beyond.items() if week not in whole]
    spans = [beyond[week] for week in whole if week in beyond]
    of_day: dict[str, list[Tally]] = {}
    for tally in sum_span(workspace_id, spans, plain=plain, agents=agents):
        of_day.setdefault(tally.day, []).append(tally)
    for day, tallies in of_day.items():
        found[week_of(date.fromisoformat(day))].add(tallies)
    return found


def sum_span(
    workspace_id: UUID, spans: Collection[Span], *, plain: Collection[Span] = (), agents: AgentScope = None
) -> list[Tally]:
    """Tallies of these days, by day; fields and codes over all the agents. Of `plain` the plain measures alone."""
    days = [Q(day__gte=first, day__lte=last) for first, last in spans]
    days += [Q(day__gte=first, day__lte=last, detail="") for first, last in plain]
    whose = Case(When(_IS_SPLIT, then=_NOBODY), default=_AGENT, output_field=TextField())
    rows = ReportTally.objects.filter(reduce(or_, days), of_agents(agents, "agent_id"), workspace_id=workspace_id)
    summed = rows.annotate(whose=whose).values_list("day", "measure", "whose", "detail")
    counted = summed.annotate(total=Sum("count")).order_by()
    return [Tally(day.isoformat(), *others) for day, *others in counted]


def _read_roll_ups(
    workspace_id: UUID, weeks: Sequence[Week], whole: Collection[Week]
) -> tuple[dict[Week, WeekSums], dict[Week, date]]:
    """Sums by week, empty for those that no roll-up reaches, and the last day of each roll-up. One query."""
    found, reached = {week: WeekSums() for week in weeks}, {}
    mondays = [week.monday for week in whole]
    sums = Case(When(monday__in=mondays, then=F("sums")), default=None, output_field=JSONField())
    rows: QuerySet[ReportRollUp] = ReportRollUp.objects.filter(
        workspace_id=workspace_id, monday__in=[week.monday for week in weeks]
    )
    for monday, through, kept, days in rows.annotate(kept=sums).values_list("monday", "through", "kept", "days"):
        found[Week(monday)] = sums_of(kept or {}, days)
        reached[Week(monday)] = through
    return found, reached


def _beyond(week: Week, through: date | None) -> Span | None:
    """The days of the week that a roll-up does not reach."""
    first = week.monday if through is None else through + timedelta(days=1)
    return (first, week.sunday) if first <= week.sunday else None


def get_names(workspace_id: UUID) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Of agents, by id in hex; slug and name of approver groups, by name. One query."""
    agents = _named(Agent.objects.filter(workspace=workspace_id), _AGENTS, Cast("pk", TextField()))
    groups = _named(ApproverGroup.objects.filter(workspace=workspace_id), _GROUPS, Cast("slug", TextField()))
    rows = list(agents.union(groups, all=True))
    of_groups = ((key, name) for kind, key, name in rows if kind == _GROUPS)
    return (
        {UUID(key).hex: name for kind, key, name in rows if kind == _AGENTS},
        tuple(sorted(of_groups, key=lambda group: group[1])),
    )


def _named(rows: QuerySet[Any], kind: str, key: Cast) -> Any:
    """Rows of kind, key and name."""
    told = rows.order_by().annotate(kind=Value(kind, output_field=TextField()), key=key)
    return told.values_list("kind", "key", "name")


def count_unknown(workspace_id: UUID, agents: AgentScope = None) -> int:
    """Requests whose outcome is unknown now, at most 1,000 of them counted. One query along an index."""
    rows = AgentActionRequest.objects.filter(requests_of(agents), workspace_id=workspace_id, status=Status.UNKNOWN)
    return rows[:_MOST].count()
