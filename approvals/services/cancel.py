"""Cancel: the agent that asked, or a person, takes a request back before it is claimed."""

from datetime import datetime
from uuid import UUID

from audit.domain.event import Actor


class NotCancellableError(Exception):
    code = "not_cancellable"
    http_status = 409


def cancel_request(*, request_id: UUID, actor: Actor, reason: str, now: datetime, agent_id: UUID | None = None) -> str:
    """Cancel a request that is not yet claimed; again is harmless. `agent_id` limits it to the agent's own requests."""
    raise NotImplementedError
