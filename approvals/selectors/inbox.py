"""The inbox: what waits for a person's vote, oldest first."""

from dataclasses import dataclass
from uuid import UUID

from approvals.models import AgentActionRequest


@dataclass(frozen=True, slots=True)
class InboxPage:
    requests: tuple[AgentActionRequest, ...]
    after: str


def list_inbox(*, workspace_id: UUID, person_id: UUID, after: str = "", limit: int = 50) -> InboxPage:
    """Pending requests of the workspace that lack a vote of one of this person's groups, oldest first.

    Keyset pages by id: `after` is the last page's cursor, empty on the last page. The agent's owner and the requester do
    not see their own.
    """
    raise NotImplementedError


def count_inbox(*, workspace_id: UUID, person_id: UUID) -> int:
    """How many requests wait for this person, counted up to 1,000."""
    raise NotImplementedError
