"""Reading requests: one, or an agent's own."""

from uuid import UUID

import msgspec
from django.db.models import QuerySet

from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import requests_of
from audit.selectors.kept_query import KeptQuery
from governance.domain.decision import Decision
from governance.domain.vocabulary import ActorType
from governance.selectors.held import AgentScope

_JOINED = ("workspace", "connection", "agent", "agent__owner", "agent_version", "policy_version", "person", "reverses")


def find_request(*, request_id: UUID, agent_id: UUID | None = None) -> AgentActionRequest | None:
    """One request with what a page shows of it joined; only the agent's own when `agent_id` is given. One query."""
    return next(iter(_WHOLE.fetch(request_id, agent_id)), None)


def _find_whole(request_id: UUID, agent_id: UUID | None) -> QuerySet[AgentActionRequest]:
    rows = AgentActionRequest.objects.select_related(*_JOINED).defer("policy_version__document")
    if agent_id is not None:
        rows = rows.filter(agent_id=agent_id, actor_type=ActorType.AGENT)
    return rows.filter(pk=request_id)


_WHOLE = KeptQuery(_find_whole)


def list_requests(
    *, workspace_id: UUID, agent_id: UUID | None = None, agents: AgentScope = None
) -> QuerySet[AgentActionRequest]:
    """Requests of a workspace, newest first by id, for the doors' filters and keyset pages.

    `agent_id`: what that agent itself asked for; `agents`: what concerns these.
    """
    rows = AgentActionRequest.objects.filter(requests_of(agents), workspace_id=workspace_id)
    rows = rows.select_related("connection", "agent")
    if agent_id is not None:
        rows = rows.filter(agent_id=agent_id, actor_type=ActorType.AGENT)
    return rows.order_by("-id")


def load_decision(request: AgentActionRequest) -> Decision | None:
    """The decision as a value, None while the request is `evaluating`. No query."""
    if not request.decision:
        return None
    return msgspec.convert(request.decision, Decision)
