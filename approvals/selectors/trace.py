"""The trace: everything one request went through, on one screen (AUD-03)."""

from dataclasses import dataclass
from uuid import UUID

from approvals.models import AgentActionRequest, Attempt, Vote
from approvals.selectors.quorum import list_votes
from approvals.selectors.requests import find_request
from audit.models import LedgerEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """`request` has agent, owner, agent_version, connection, policy_version, person and reverses joined."""

    request: AgentActionRequest
    votes: tuple[Vote, ...]
    attempts: tuple[Attempt, ...]
    reverts: tuple[AgentActionRequest, ...]
    events: tuple[LedgerEvent, ...]


def get_trace(*, request_id: UUID, agent_id: UUID | None = None) -> Trace | None:
    """One request with its votes, attempts, reverts and ledger events, each oldest first. Five queries.

    None if there is none, or it is not the agent's own when `agent_id` is given.
    """
    request = find_request(request_id=request_id, agent_id=agent_id)
    if request is None:
        return None
    return Trace(
        request=request,
        votes=tuple(list_votes(request)),
        attempts=tuple(Attempt.objects.filter(request=request).order_by("epoch")),
        reverts=tuple(AgentActionRequest.objects.filter(reverses=request).order_by("id")),
        events=tuple(LedgerEvent.objects.filter(subject_id=str(request.pk), subject_type="request").order_by("id")),
    )
