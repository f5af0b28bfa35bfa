"""Narrowing to some agents, for people who hold rights for these alone (IDN-07)."""

from uuid import UUID

from django.db.models import Q

from approvals.models import AgentActionRequest
from governance.selectors.held import AgentScope

_ASKED = "agent", "reverses__agent"


def of_agents(agents: AgentScope, path: str = "agent") -> Q:
    """Rows of these agents by their column; all rows, those of no agent included, for None."""
    return Q() if agents is None else Q(**{f"{path}__in": agents})


def requests_of(agents: AgentScope, path: str = "") -> Q:
    """What these agents asked for, and what people took back of it. `path` leads to the request."""
    if agents is None:
        return Q()
    own, reverted = (Q(**{f"{path}{column}__in": agents}) for column in _ASKED)
    return own | reverted


def concerned_agent_id(request: AgentActionRequest) -> UUID | None:
    """The agent that a request is about: who asked, or whose request a person takes back. No query where `reverses` is
    joined and itself an agent's."""
    found: AgentActionRequest | None = request
    while found is not None and found.agent_id is None:
        found = found.reverses
    return found.agent_id if found is not None else None
