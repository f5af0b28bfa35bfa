"""What nobody may decide any more, for the home page and its own (APR-05)."""

from uuid import UUID

from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Stranded

MAX_COUNT = 1_000


def count_stranded(*, workspace_id: UUID) -> int:
    """How many pending requests nobody may decide, counted up to 1,000."""
    rows = Stranded.objects.filter(request__workspace=workspace_id, request__status=Status.PENDING)
    return rows[:MAX_COUNT].count()


def list_stranded(*, workspace_id: UUID, limit: int = 100) -> list[AgentActionRequest]:
    """The oldest of them, with agent, connection and person joined. One query."""
    rows = AgentActionRequest.objects.filter(
        workspace=workspace_id, status=Status.PENDING, stranded__isnull=False
    ).select_related("agent", "connection", "person")
    return list(rows.order_by("id")[:limit])
