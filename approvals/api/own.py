"""An agent's own request, or none at all: whether another's exists is not told."""

from uuid import UUID

from approvals.api.problem import ProblemError
from approvals.models import AgentActionRequest, RequestBatch
from approvals.selectors.batches import find_batch
from approvals.selectors.requests import find_request
from approvals.selectors.trace import Trace, trace_of
from governance.domain.principal import Principal


def get_own_request(principal: Principal, request_id: UUID) -> AgentActionRequest:
    """Raises ProblemError (404)."""
    row = find_request(request_id=request_id, agent_id=principal.agent_id)
    if row is None or row.workspace_id != principal.workspace_id:
        raise ProblemError(404, "not_found", "no such request")
    return row


def get_own_batch(principal: Principal, batch_id: UUID) -> RequestBatch:
    """Raises ProblemError (404)."""
    batch = find_batch(batch_id=batch_id, agent_id=principal.agent_id)
    if batch is None or batch.workspace_id != principal.workspace_id:
        raise ProblemError(404, "not_found", "no such batch")
    return batch


def get_own_trace(principal: Principal, request_id: UUID) -> Trace:
    """Raises ProblemError (404)."""
    return trace_of(get_own_request(principal, request_id))
