"""Narrowing to some agents, for people who hold rights for these alone (IDN-07)."""

from collections.abc import Iterable
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


def concerned_agents(requests: Iterable[AgentActionRequest]) -> dict[UUID, UUID | None]:
    """The same of each, by id; `reverses` joined. One query for each step beyond that at which any of them, a revert of
    reverts, has its agent."""
    found: dict[UUID, UUID | None] = {}
    further: dict[UUID, UUID] = {}
    for request in requests:
        nearest = request if request.agent_id is not None else request.reverses
        found[request.pk] = nearest.agent_id if nearest is not None else None
        if nearest is not None and nearest.agent_id is None and nearest.reverses_id is not None:
            further[request.pk] = nearest.reverses_id
    while further:
        rows = AgentActionRequest.objects.filter(pk__in={*further.values()}).values_list(
            "pk", "agent_id", "reverses_id"
        )
        steps = {pk: (agent_id, reverses_id) for pk, agent_id, reverses_id in rows}
        found |= {pk: steps[place][0] for pk, place in further.items()}
        further = {pk: following for pk, place in further.items() if (following := _beyond(*steps[place]))}
    return found


def _beyond(agent_id: UUID | None, reverses_id: UUID | None) -> UUID | None:
    return reverses_id if agent_id is None else None
