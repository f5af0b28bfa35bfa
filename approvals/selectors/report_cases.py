"""Exceptions and second looks of one week, for its report: each number is the count of exactly these rows (REP-01)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Q, QuerySet, Value

from approvals.domain.weeks import Week, start_of
from approvals.domain.wilson import Rate, rate_with_interval
from approvals.models import ExceptionCase, QualityScore

MOST_CLOSED = 10_000
_CARDS = "cards"


class CaseMeasure(StrEnum):
    OPENED = "opened"
    CLOSED = "closed"
    LEFT_OPEN = "left_open"
    LATE = "late"


def list_cases(
    *,
    workspace_id: UUID,
    week: Week,
    now: datetime,
    measure: CaseMeasure,
    kind: str = "",
    agents: Collection[UUID] | None = None,
) -> QuerySet[ExceptionCase]:
    """The cases behind one number, the oldest first, with agent and owner; of one kind when named."""
    rows = _cases(workspace_id, agents).filter(_condition(measure, week, now))
    rows = rows.filter(kind=kind) if kind else rows
    return rows.select_related("agent", "owner").order_by("id")


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """`kinds`: kind → how many of each measure, kinds without any missing. `cards`: failed of those scored in the week,
    with its interval; `cards_before` of the week before."""

    kinds: dict[str, dict[CaseMeasure, int]]
    cards: Rate
    cards_before: Rate


def count_cases(*, workspace_id: UUID, week: Week, now: datetime, agents: Collection[UUID] | None = None) -> CaseCounts:
    """One query: the counts of the cards come as those of a kind of their own."""
    counts = {measure.value: Count("pk", filter=_condition(measure, week, now)) for measure in CaseMeasure}
    touched = _cases(workspace_id, agents).filter(Q(closed_at=None) | Q(closed_at__gte=start_of(week.monday)))
    cases = touched.filter(opened_at__lt=week.end).order_by().values_list("kind").annotate(**counts)
    rows: Iterable[tuple[Any, ...]] = cases.union(_count_cards(workspace_id, week, agents), all=True)
    found = {kind: tuple(numbers) for kind, *numbers in rows}
    total, failed, total_before, failed_before = found.pop(_CARDS, (0, 0, 0, 0))
    return CaseCounts(
        kinds={kind: dict(zip(CaseMeasure, found[kind], strict=True)) for kind in sorted(found) if any(found[kind])},
        cards=rate_with_interval(failed, total),
        cards_before=rate_with_interval(failed_before, total_before),
    )


def _count_cards(workspace_id: UUID, week: Week, agents: Collection[UUID] | None) -> QuerySet[Any, tuple[Any, ...]]:
    """Scored and failed in the week, scored and failed in the week before; no row where there is no card."""
    rows = QualityScore.objects.filter(
        sample__workspace_id=workspace_id, scored_at__gte=start_of(week.before.monday), scored_at__lt=week.end
    )
    rows = rows.filter(sample__agent__in=agents) if agents is not None else rows
    this, failed = Q(scored_at__gte=start_of(week.monday)), Q(verdict="fail")
    kept = (this, this & failed, ~this, ~this & failed)
    counts = {f"count_{n}": Count("pk", filter=condition) for n, condition in enumerate(kept)}
    return rows.order_by().annotate(of=Value(_CARDS, output_field=CharField())).values_list("of").annotate(**counts)


def list_closing_seconds(
    *, workspace_id: UUID, week: Week, agents: Collection[UUID] | None = None
) -> list[tuple[str, int]]:
    """Kind and seconds from opening to closing of what was closed in the week, 10,000 at most. One query."""
    rows = _cases(workspace_id, agents).filter(_condition(CaseMeasure.CLOSED, week, week.end))
    found = rows.order_by("-id").values_list("kind", "opened_at", "closed_at")[:MOST_CLOSED]
    return [(kind, round((closed - opened).total_seconds())) for kind, opened, closed in found if closed is not None]


def list_scores(
    *, workspace_id: UUID, week: Week, is_failed: bool, agents: Collection[UUID] | None = None
) -> QuerySet[QualityScore]:
    """Cards scored in the week, the newest first, with sample and agent; the failed ones alone when asked."""
    rows = _scores(workspace_id, week, agents)
    rows = rows.filter(verdict="fail") if is_failed else rows
    return rows.select_related("sample", "sample__agent").order_by("-scored_at", "-id")


def _cases(workspace_id: UUID, agents: Collection[UUID] | None) -> QuerySet[ExceptionCase]:
    rows = ExceptionCase.objects.filter(workspace_id=workspace_id)
    return rows.filter(agent__in=agents) if agents is not None else rows


def _scores(workspace_id: UUID, week: Week, agents: Collection[UUID] | None) -> QuerySet[QualityScore]:
    rows = QualityScore.objects.filter(
        sample__workspace_id=workspace_id, scored_at__gte=start_of(week.monday), scored_at__lt=week.end
    )
    return rows.filter(sample__agent__in=agents) if agents is not None else rows


def _condition(measure: CaseMeasure, week: Week, now: datetime) -> Q:
    first, end = start_of(week.monday), week.end
    match measure:
        case CaseMeasure.OPENED:
            return Q(opened_at__gte=first, opened_at__lt=end)
        case CaseMeasure.CLOSED:
            return Q(closed_at__gte=first, closed_at__lt=end)
        case CaseMeasure.LEFT_OPEN:
            return Q(opened_at__lt=end) & (Q(closed_at=None) | Q(closed_at__gte=end))
        case CaseMeasure.LATE:
            until = min(end, now)
            return _ran_out("review_due_at", "reviewed_at", first, until) | _ran_out(
                "remediation_due_at", "closed_at", first, until
            )


def _ran_out(due: str, done: str, first: datetime, until: datetime) -> Q:
    """A clock that ran out in this time, before what it waits for was done."""
    window = Q(**{f"{due}__gte": first, f"{due}__lt": until})
    in_time = Q(closed_at__lte=F(due)) | Q(**{f"{done}__lte": F(due)})
    return window & ~in_time
