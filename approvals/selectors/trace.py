"""The trace: everything one request went through, on one screen (AUD-03)."""

from dataclasses import dataclass
from uuid import UUID

from approvals.models import AgentActionRequest, Attempt, Vote
from audit.models import LedgerEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """`request` has agent, agent_version, connection, policy_version, person and reverses joined."""

    request: AgentActionRequest
    votes: tuple[Vote, ...]
    attempts: tuple[Attempt, ...]
    reverts: tuple[AgentActionRequest, ...]
    events: tuple[LedgerEvent, ...]


def get_trace(*, request_id: UUID) -> Trace | None:
    """One request with its votes, attempts, reverts and ledger events, each oldest first; None if there is none."""
    raise NotImplementedError
