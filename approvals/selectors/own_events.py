"""Which events of the ledger an agent may ask about: its own doing, and what happened to its requests."""

from uuid import UUID

from approvals.models import AgentActionRequest
from audit.selectors.events import get_event
from governance.domain.principal import Principal
from governance.domain.vocabulary import ActorType


def is_own_event(principal: Principal, event_id: UUID) -> bool:
    """At most two queries. Another agent's event and one that does not exist look the same."""
    entry = get_event(event_id)
    if entry is None or entry.workspace != principal.workspace_slug:
        return False
    if entry.actor.type == ActorType.AGENT and entry.actor.id == principal.agent_name:
        return True
    if entry.subject.type != "request":
        return False
    own = AgentActionRequest.objects.filter(agent_id=principal.agent_id, actor_type=ActorType.AGENT)
    return own.filter(id=UUID(entry.subject.id)).exists()
