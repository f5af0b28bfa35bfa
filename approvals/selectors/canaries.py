"""Results of canaries: who saw through those that they decided (QAS-02)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from approvals.domain.canary import CanaryOutcome
from approvals.domain.wilson import Rate, rate_with_interval
from approvals.models import Canary


@dataclass(frozen=True, slots=True)
class ReviewerResult:
    """`caught` of the canaries that this person decided."""

    person: str
    caught: Rate


def list_reviewer_results(
    *, workspace_id: UUID, since: datetime, until: datetime, person_id: UUID | None = None
) -> tuple[ReviewerResult, ...]:
    """By person, of canaries decided with since ≤ moment < until; of one person only when named. One query."""
    rows = (
        _decided(workspace_id, since, until, person_id)
        .values("person", "person__name")
        .annotate(caught=Count("pk", filter=Q(outcome=CanaryOutcome.CAUGHT)), total=Count("pk"))
        .order_by("person__name", "person")
    )
    return tuple(ReviewerResult(row["person__name"], rate_with_interval(row["caught"], row["total"])) for row in rows)


def list_canaries(
    *, workspace_id: UUID, since: datetime, until: datetime, person_id: UUID | None = None, limit: int = 100
) -> list[Canary]:
    """The rows behind the numbers, newest first, with person and request. One query."""
    rows = _decided(workspace_id, since, until, person_id).select_related("person", "request")
    return list(rows.order_by("-decided_at", "-id")[:limit])


def _decided(workspace_id: UUID, since: datetime, until: datetime, person_id: UUID | None) -> QuerySet[Canary]:
    rows = Canary.objects.filter(~Q(outcome=""), workspace_id=workspace_id, decided_at__gte=since, decided_at__lt=until)
    return rows.filter(person=person_id) if person_id is not None else rows
