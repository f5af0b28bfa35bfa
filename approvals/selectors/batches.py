"""Batches: what an agent proposed as one manifest, and what a person decided as one (APR-06)."""

from dataclasses import dataclass
from uuid import UUID

from approvals.domain.batch_outcome import batch_status
from approvals.models import AgentActionRequest, BatchDecision, RequestBatch
from approvals.selectors.of_agents import requests_of
from governance.selectors.held import AgentScope


@dataclass(frozen=True, slots=True)
class BatchPage:
    """`status` is derived from all items, `counts` how many stand where; `requests` one page of them, `after` leads to
    the next."""

    batch: RequestBatch
    status: str
    counts: dict[str, int]
    requests: tuple[AgentActionRequest, ...]
    after: str


def find_batch(*, batch_id: UUID, agent_id: UUID | None = None) -> RequestBatch | None:
    """One batch with workspace and agent; only the agent's own when `agent_id` is given. One query."""
    rows = RequestBatch.objects.select_related("workspace", "agent")
    if agent_id is not None:
        rows = rows.filter(agent_id=agent_id)
    return rows.filter(pk=batch_id).first()


def get_batch_page(batch: RequestBatch, *, after: str = "", limit: int = 50) -> BatchPage:
    """Two queries."""
    items = AgentActionRequest.objects.filter(batch=batch).order_by("id")
    statuses = list(items.values_list("status", flat=True))
    counts = {status: statuses.count(status) for status in sorted(set(statuses))}
    joined = items.select_related("agent", "connection", "person", "workspace")
    page = list((joined.filter(pk__gt=UUID(after)) if after else joined)[: limit + 1])
    more = str(page[limit - 1].pk) if len(page) > limit else ""
    return BatchPage(batch, batch_status(statuses, refused=len(batch.refusals)), counts, tuple(page[:limit]), more)


def list_batch_items(batch: RequestBatch) -> tuple[AgentActionRequest, ...]:
    """All of them without their large columns. One query."""
    names = ("id", "idempotency_key", "status", "status_code")
    return tuple(AgentActionRequest.objects.filter(batch=batch).order_by("id").only(*names))


def find_batch_decision(*, decision_id: UUID) -> BatchDecision | None:
    """With workspace and person. One query."""
    return BatchDecision.objects.select_related("workspace", "person").filter(pk=decision_id).first()


def list_chosen(*, workspace_id: UUID, ids: list[UUID], agents: AgentScope = None) -> list[AgentActionRequest]:
    """Requests of the workspace by id, oldest first, with what a row shows joined. One query."""
    rows = AgentActionRequest.objects.filter(requests_of(agents), workspace_id=workspace_id, pk__in=ids)
    return list(rows.select_related("agent", "connection", "person", "workspace").order_by("id"))
