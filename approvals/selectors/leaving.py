"""What is approved and waits in its send window (APR-14)."""

from uuid import UUID

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import requests_of
from governance.selectors.held import AgentScope

MAX_LISTED = 100


def list_leaving(*, workspace_id: UUID, agents: AgentScope = None) -> list[AgentActionRequest]:
    """Held requests, the next to leave first, with what a row shows joined; one more than a page holds where there are
    more. One query."""
    rows = AgentActionRequest.objects.filter(requests_of(agents), workspace=workspace_id, status=Status.HELD)
    joined = rows.select_related("workspace", "connection", "agent", "person")
    return list(joined.order_by("not_before", "id")[: MAX_LISTED + 1])
