"""The catalog of a workspace: every agent against the policy in force in each environment (PRM-09)."""

from dataclasses import dataclass
from uuid import UUID

from governance.domain.catalog import ActionLine, list_action_lines, list_never
from governance.models import Agent
from governance.selectors.policy import get_policy_indexes


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCatalog:
    """One agent in one environment. `version` is the digest of the policy that this was read from."""

    agent: Agent
    environment: str
    version: str
    lines: tuple[ActionLine, ...]
    never: tuple[str, ...]


def list_catalog(workspace_id: UUID) -> tuple[AgentCatalog, ...]:
    """Every agent that is not retired, by name and environment; nothing before the first publishing.

    Two queries once the policy is cached. Raises PolicyCorruptError.
    """
    agents = Agent.objects.filter(workspace_id=workspace_id).exclude(lifecycle="retired")
    indexes = sorted(get_policy_indexes(workspace_id).items())
    return tuple(
        AgentCatalog(
            agent=agent,
            environment=environment,
            version=index.version,
            lines=list_action_lines(
                index,
                environment=environment,
                agent=agent.name,
                lifecycle=agent.lifecycle,
                autonomy_level=agent.autonomy_level,
            ),
            never=list_never(index, environment=environment, agent=agent.name),
        )
        for agent in agents.select_related("owner").order_by("name")
        for environment, index in indexes
    )
