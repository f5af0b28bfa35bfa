"""Results of canaries: who saw through those that they decided (QAS-02)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from approvals.domain.canary import CanaryOutcome
from approvals.domain.wilson import Rate, rate_with_interval
from approvals.models import Canary
from approvals.selectors.of_agents import of_agents
from governance.selectors.held import AgentScope


@dataclass(frozen=True, slots=True)
class Decided:
    """Canaries decided with since ≤ moment < until: of one person only when named, as these agents' requests."""

    workspace_id: UUID
    since: datetime
    until: datetime
    person_id: UUID | None = None
    agents: AgentScope = None

    def rows(self) -> QuerySet[Canary]:
        place = {"workspace_id": self.workspace_id, "decided_at__gte": self.since, "decided_at__lt": self.until}
        rows = Canary.objects.filter(~Q(outcome=""), of_agents(self.agents, "request__agent"), **place)
        return rows.filter(person=self.person_id) if self.person_id is not None else rows


@dataclass(frozen=True, slots=True)
class ReviewerResult:
    """`caught` of the canaries that this person decided."""

    person: str
    caught: Rate


def list_reviewer_results(asked: Decided) -> tuple[ReviewerResult, ...]:
    """By person. One query."""
    rows = (
        asked.rows()
        .values("person", "person__name")
        .annotate(caught=Count("pk", filter=Q(outcome=CanaryOutcome.CAUGHT)), total=Count("pk"))
        .order_by("person__name", "person")
    )
    return tuple(ReviewerResult(row["person__name"], rate_with_interval(row["caught"], row["total"])) for row in rows)


def list_canaries(asked: Decided, limit: int = 100) -> list[Canary]:
    """The rows behind the numbers, newest first, with person and request. One query."""
    return list(asked.rows().select_related("person", "request").order_by("-decided_at", "-id")[:limit])
