"""Reading requests: one, or an agent's own."""

from uuid import UUID

from django.db.models import QuerySet

from approvals.models import AgentActionRequest


def find_request(*, request_id: UUID, agent_id: UUID | None = None) -> AgentActionRequest | None:
    """One request with what a page shows of it joined; only the agent's own when `agent_id` is given."""
    raise NotImplementedError


def list_requests(*, workspace_id: UUID, agent_id: UUID | None = None) -> QuerySet[AgentActionRequest]:
    """Requests of a workspace, newest first by id, for the doors' filters and keyset pages."""
    raise NotImplementedError
