"""Runs of the dumb failures, and who may be run (PRG-02)."""

from uuid import UUID

from approvals.models import DrillRun
from approvals.selectors.of_agents import of_agents
from governance.domain.vocabulary import Lifecycle
from governance.models import Agent
from governance.selectors.held import AgentScope

_MOST = 10


def list_drill_runs(workspace_id: UUID, agents: AgentScope = None) -> list[DrillRun]:
    """The newest runs, of these agents as they are named now. One query."""
    rows = DrillRun.objects.filter(workspace_id=workspace_id)
    if agents is not None:
        rows = rows.filter(agent_name__in=Agent.objects.filter(pk__in=agents).values("name"))
    return list(rows.order_by("-run_at")[:_MOST])


def list_drill_agents(workspace_id: UUID, agents: AgentScope = None) -> list[Agent]:
    """Agents that are not retired, those made for drills first. One query."""
    rows = Agent.objects.filter(of_agents(agents, "pk"), workspace_id=workspace_id).exclude(lifecycle=Lifecycle.RETIRED)
    return list(rows.order_by("-is_drill", "name"))
