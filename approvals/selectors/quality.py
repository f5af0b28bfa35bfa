"""Quality samples: what waits to be scored, for whom, and one of them (QAS-01, QAS-02)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals.models import QualitySample, Vote
from approvals.selectors.of_agents import of_agents
from approvals.selectors.quorum import get_delegators
from governance.selectors.held import AgentScope

_JOINED = ("request__workspace", "request__connection", "request__agent", "request__person", "agent", "reserved_by")
_CHUNK = 50


@dataclass(frozen=True, slots=True)
class SamplePage:
    """`after` is the cursor of the next page, empty on the last one."""

    rows: tuple[QualitySample, ...]
    after: str


def list_open_samples(
    *, workspace_id: UUID, after: str = "", limit: int = 50, agent: str = "", agents: AgentScope = None
) -> SamplePage:
    """What is not scored yet, oldest first, by keyset. One query."""
    rows = _open(workspace_id, agents).select_related(*_JOINED).order_by("id")
    rows = rows.filter(agent__name=agent) if agent else rows
    found = tuple((rows.filter(pk__gt=UUID(after)) if after else rows)[: limit + 1])
    return SamplePage(found[:limit], str(found[limit - 1].pk) if len(found) > limit else "")


def list_sampled_agents(*, workspace_id: UUID, agents: AgentScope = None) -> tuple[str, ...]:
    """Agents with something to be scored. One query."""
    return tuple(_open(workspace_id, agents).order_by("agent__name").values_list("agent__name", flat=True).distinct())


def find_sample(sample_id: UUID) -> QualitySample | None:
    """One sample with its request, and its score if it has one. One query."""
    rows = QualitySample.objects.select_related(
        *_JOINED, "request__agent__owner", "request__policy_version", "workspace", "period", "score__person"
    )
    return rows.defer("request__policy_version__document").filter(pk=sample_id).first()


def list_free_samples(
    *, workspace_id: UUID, person_id: UUID, now: datetime, after: UUID | None = None, agents: AgentScope = None
) -> QuerySet[QualitySample]:
    """Unscored samples that nobody has before them and this person may score, oldest first; `after` one of them."""
    free = Q(reserved_until__isnull=True) | Q(reserved_until__lte=now)
    rows = (
        _open(workspace_id, agents)
        .filter(free)
        .exclude(agent__owner_id=person_id)
        .exclude(Exists(_approved(person_id)))
    )
    rows = rows.filter(pk__gt=after) if after is not None else rows
    return rows.select_related("request").order_by("id")


def find_next_free(
    *, workspace_id: UUID, person_id: UUID, now: datetime, after: UUID | None = None, agents: AgentScope = None
) -> QualitySample | None:
    """The first of them that was not done in this person's name either. Looks at 50 rows a query."""
    cursor = after
    while True:
        rows = list_free_samples(workspace_id=workspace_id, person_id=person_id, now=now, after=cursor, agents=agents)
        chunk = list(rows[:_CHUNK])
        found = next((row for row in chunk if str(person_id) not in get_delegators(row.request)), None)
        if found is not None or len(chunk) < _CHUNK:
            return found
        cursor = chunk[-1].pk


def may_score(sample: QualitySample, person_id: UUID) -> bool:
    """Whether this person had no hand in it: not the agent's owner, no approver, nobody in whose name it was done.

    Expects request and agent joined. At most one query.
    """
    if sample.agent.owner_id == person_id or str(person_id) in get_delegators(sample.request):
        return False
    return not Vote.objects.filter(request=sample.request_id, person_id=person_id, verdict="approve").exists()


def _approved(person_id: UUID) -> QuerySet[Vote]:
    return Vote.objects.filter(request=OuterRef("request_id"), person_id=person_id, verdict="approve")


def _open(workspace_id: UUID, agents: AgentScope) -> QuerySet[QualitySample]:
    return QualitySample.objects.filter(of_agents(agents), workspace_id=workspace_id, scored_at__isnull=True)
