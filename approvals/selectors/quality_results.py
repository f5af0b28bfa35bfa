"""Results of quality: for each agent and field, what scorers found and what people overwrote (QAS-02).

For pages, reports and earned autonomy alike: counts with their intervals, in two queries for any number of rows.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.db.models.functions import TruncWeek

from approvals.domain.overwriting import Fate
from approvals.domain.wilson import Rate, rate_with_interval
from approvals.models import QualityAnswer, QualityScore, SampledField, WrittenField
from approvals.selectors.of_agents import of_agents
from governance.selectors.held import AgentScope

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldResult:
    """One agent on one field, empty for actions that write none. `errors`: wrong of those scored. `rejections`:
    overwritten by people of those whose time is over; `watched` are not judged yet."""

    agent: str
    object_type: str
    field: str
    errors: Rate
    rejections: Rate
    watched: int


@dataclass(frozen=True, slots=True)
class WeekResult:
    """One week, by its Monday: scored cards, and how many of them failed."""

    monday: datetime
    errors: Rate


@dataclass(frozen=True, slots=True)
class DimensionResult:
    """One part of the scorecard: answers that judged it, and how many failed."""

    dimension: str
    errors: Rate


def list_field_results(
    *, workspace_id: UUID, since: datetime, until: datetime, agent: str = "", agents: AgentScope = None
) -> tuple[FieldResult, ...]:
    """By agent, object and field: cards scored and values written with since ≤ moment < until. Two queries."""
    scored = _scored(workspace_id, since, until, agent, agents)
    written = _written(workspace_id, since, until, agent, agents)
    return tuple(_result(key, scored[key], written[key]) for key in sorted({*scored, *written}))


def list_week_results(
    *, workspace_id: UUID, until: datetime, weeks: int = 12, agents: AgentScope = None
) -> tuple[WeekResult, ...]:
    """Cards by the week in which they were scored, oldest first; weeks without any are missing. One query."""
    rows = (
        QualityScore.objects.filter(
            of_agents(agents, "sample__agent"),
            sample__workspace_id=workspace_id,
            scored_at__lt=until,
            scored_at__gte=until - timedelta(weeks=weeks),
        )
        .annotate(monday=TruncWeek("scored_at"))
        .values("monday")
        .annotate(total=Count("pk"), failed=Count("pk", filter=Q(verdict="fail")))
        .order_by("monday")
    )
    return tuple(WeekResult(row["monday"], rate_with_interval(row["failed"], row["total"])) for row in rows)


def list_dimension_results(
    *, workspace_id: UUID, since: datetime, until: datetime, agents: AgentScope = None
) -> tuple[DimensionResult, ...]:
    """Parts of the card, those that do not apply left out. One query."""
    rows = (
        QualityAnswer.objects.filter(
            of_agents(agents, "score__sample__agent"),
            score__sample__workspace_id=workspace_id,
            score__scored_at__gte=since,
            score__scored_at__lt=until,
        )
        .exclude(verdict="n/a")
        .values("dimension")
        .annotate(total=Count("pk"), failed=Count("pk", filter=Q(verdict="fail")))
        .order_by("dimension")
    )
    return tuple(DimensionResult(row["dimension"], rate_with_interval(row["failed"], row["total"])) for row in rows)


def _scored(
    workspace_id: UUID, since: datetime, until: datetime, agent: str, agents: AgentScope
) -> defaultdict[Key, tuple[int, int]]:
    """Wrong and scored."""
    rows = SampledField.objects.filter(of_agents(agents, "sample__agent")).filter(
        sample__workspace_id=workspace_id, sample__scored_at__gte=since, sample__scored_at__lt=until
    )
    rows = rows.filter(sample__agent__name=agent) if agent else rows
    counted = rows.values_list("sample__agent__name", "object_type", "field").annotate(
        wrong=Count("pk", filter=Q(is_wrong=True)), total=Count("pk")
    )
    found: defaultdict[Key, tuple[int, int]] = defaultdict(lambda: (0, 0))
    found.update({(name, kind, field): (wrong, total) for name, kind, field, wrong, total in counted})
    return found


def _written(
    workspace_id: UUID, since: datetime, until: datetime, agent: str, agents: AgentScope
) -> defaultdict[Key, tuple[int, int, int]]:
    """Overwritten, judged and watched. What systems replaced, we took back or nobody could tell says nothing of it."""
    rows = WrittenField.objects.filter(of_agents(agents), workspace_id=workspace_id)
    rows = rows.filter(written_at__gte=since, written_at__lt=until)
    rows = rows.filter(agent__name=agent) if agent else rows
    counted = rows.values_list("agent__name", "object_type", "field").annotate(
        bad=Count("pk", filter=Q(fate=Fate.OVERWRITTEN)),
        total=Count("pk", filter=Q(fate__in=(Fate.OVERWRITTEN, Fate.KEPT))),
        open=Count("pk", filter=Q(fate="")),
    )
    found: defaultdict[Key, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    found.update({(name, kind, field): (bad, total, open_) for name, kind, field, bad, total, open_ in counted})
    return found


def _result(key: Key, scored: tuple[int, int], written: tuple[int, int, int]) -> FieldResult:
    agent, object_type, field = key
    return FieldResult(
        agent=agent,
        object_type=object_type,
        field=field,
        errors=rate_with_interval(*scored),
        rejections=rate_with_interval(*written[:2]),
        watched=written[2],
    )


def list_result_rows(
    *,
    workspace_id: UUID,
    kind: str,
    place: Key,
    since: datetime,
    until: datetime,
    limit: int = 200,
    agents: AgentScope = None,
) -> list[tuple[UUID, datetime]]:
    """The requests behind one number, newest first, each with its moment. One query.

    `kind`: scored, wrong, overwritten, judged or watched; `place`: agent, object, field.
    """
    agent, object_type, field = place
    if kind in ("scored", "wrong"):
        samples = (
            SampledField.objects.filter(of_agents(agents, "sample__agent"))
            .filter(sample__workspace_id=workspace_id, sample__scored_at__gte=since, sample__scored_at__lt=until)
            .filter(sample__agent__name=agent, object_type=object_type, field=field)
        )
        samples = samples.filter(is_wrong=True) if kind == "wrong" else samples
        rows = samples.order_by("-sample__scored_at").values_list("sample__request_id", "sample__scored_at")
        return [(request_id, at) for request_id, at in rows[:limit] if at is not None]
    fates = {"overwritten": [Fate.OVERWRITTEN], "judged": [Fate.OVERWRITTEN, Fate.KEPT]}.get(kind, [""])
    written = WrittenField.objects.filter(
        of_agents(agents), workspace_id=workspace_id, written_at__gte=since, written_at__lt=until, fate__in=fates
    ).filter(agent__name=agent, object_type=object_type, field=field)
    return list(written.order_by("-written_at").values_list("request_id", "written_at")[:limit])
