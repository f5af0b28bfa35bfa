"""The page of quality's results: rates with their intervals, by agent and field, part of the card, and week."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from approvals.domain.canary import PATTERN_WORDS
from approvals.domain.wilson import Rate
from approvals.domain.wording import object_label
from approvals.models import Canary
from approvals.selectors.canaries import Decided, ReviewerResult, list_canaries, list_reviewer_results
from approvals.selectors.quality_results import (
    DimensionResult,
    FieldResult,
    WeekResult,
    list_dimension_results,
    list_field_results,
    list_week_results,
)
from governance.selectors.held import AgentScope

PERIODS = (7, 28, 91)


@dataclass(frozen=True, slots=True)
class ShownRate:
    """`percent` and `span` are empty without a case."""

    percent: str
    span: str
    hits: int
    total: int
    width: int


@dataclass(frozen=True, slots=True)
class ShownField:
    result: FieldResult
    object_label: str
    errors: ShownRate
    rejections: ShownRate


@dataclass(frozen=True, slots=True)
class ShownCanary:
    row: Canary
    record: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CanariesPage:
    """`reviewers` is everybody, or the one who looks; `canaries` what they were shown, newest first."""

    days: int
    reviewers: tuple[tuple[ReviewerResult, ShownRate], ...]
    canaries: tuple[ShownCanary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsPage:
    days: int
    fields: tuple[ShownField, ...]
    dimensions: tuple[tuple[DimensionResult, ShownRate], ...]
    weeks: tuple[tuple[WeekResult, ShownRate], ...]


def show_results(*, workspace_id: UUID, days: int, agent: str, now: datetime, agents: AgentScope = None) -> ResultsPage:
    """The results of the last `days`. Four queries for any number of rows."""
    since = now - timedelta(days=days)
    fields = list_field_results(workspace_id=workspace_id, since=since, until=now, agent=agent, agents=agents)
    dimensions = list_dimension_results(workspace_id=workspace_id, since=since, until=now, agents=agents)
    weeks = list_week_results(workspace_id=workspace_id, until=now, agents=agents)
    return ResultsPage(
        days=days,
        fields=tuple(
            ShownField(row, object_label(row.object_type), show_rate(row.errors), show_rate(row.rejections))
            for row in fields
        ),
        dimensions=tuple((row, show_rate(row.errors)) for row in dimensions),
        weeks=tuple((row, show_rate(row.errors)) for row in weeks),
    )


def show_canaries(
    *, workspace_id: UUID, days: int, person_id: UUID | None, now: datetime, agents: AgentScope = None
) -> CanariesPage:
    """Who saw through canaries in the last `days`: of one person, or of all (None). Two queries."""
    asked = Decided(workspace_id, now - timedelta(days=days), now, person_id, agents)
    results, rows = list_reviewer_results(asked), list_canaries(asked)
    return CanariesPage(
        days=days,
        reviewers=tuple((row, show_rate(row.caught)) for row in results),
        canaries=tuple(ShownCanary(row, _record(row), PATTERN_WORDS[row.pattern]) for row in rows),
    )


def _record(row: Canary) -> str:
    return f"{object_label(row.request.object_type)} {row.request.record_id}" if row.request is not None else ""


def show_rate(rate: Rate) -> ShownRate:
    """`4 %`, `1 to 9 %`: with few cases the span is wide, and that is what it is for."""
    if rate.value is None or rate.low is None or rate.high is None:
        return ShownRate("", "", 0, 0, 0)
    percent, low, high = (round(number * 100) for number in (rate.value, rate.low, rate.high))
    return ShownRate(f"{percent} %", f"{low} to {high} %", rate.hits, rate.total, percent)
