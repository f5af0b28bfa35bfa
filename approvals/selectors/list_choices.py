"""What the filters of the lists offer: the workspace's agents, objects and approver groups."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Value

from approvals.selectors.of_agents import of_agents
from governance.models import Agent, ApproverGroup
from governance.selectors.held import AgentScope
from governance.selectors.policy import PolicyCorruptError, get_policy_indexes


@dataclass(frozen=True, slots=True)
class ListChoices:
    """`groups` are pairs of slug and name."""

    agents: tuple[str, ...]
    objects: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]


def list_choices(*, workspace_id: UUID, agents: AgentScope = None) -> ListChoices:
    """Two queries."""
    names = (
        Agent.objects.filter(of_agents(agents, "pk"), workspace=workspace_id)
        .order_by()
        .annotate(kind=Value("agent"), slug=Value(""))
    )
    groups = ApproverGroup.objects.filter(workspace=workspace_id).order_by().annotate(kind=Value("group"))
    columns = ("kind", "slug", "name")
    rows = list(names.values_list(*columns).union(groups.values_list(*columns), all=True).order_by("name"))
    return ListChoices(
        tuple(name for kind, _, name in rows if kind == "agent"),
        _objects(workspace_id),
        tuple((slug, name) for kind, slug, name in rows if kind == "group"),
    )


def _objects(workspace_id: UUID) -> tuple[str, ...]:
    try:
        indexes = get_policy_indexes(workspace_id)
    except PolicyCorruptError:
        return ()
    return tuple(sorted({name for index in indexes.values() for _, name in index.objects}))
