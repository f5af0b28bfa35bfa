"""What the filters of the lists offer: the workspace's agents, objects and approver groups."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Value

from approvals.selectors.of_agents import of_agents
from audit.selectors.kept_query import KeptQuery
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
    rows = _NAMED.fetch(workspace_id, None if agents is None else tuple(sorted(agents)))
    return ListChoices(
        tuple(name for kind, _, name in rows if kind == "agent"),
        _objects(workspace_id),
        tuple((slug, name) for kind, slug, name in rows if kind == "group"),
    )


def _list_named(workspace_id: UUID, agents: Collection[UUID] | None) -> QuerySet[Any]:
    """Agents and groups, by name: `agent` or `group`, slug, name."""
    scope = None if agents is None else frozenset(agents)
    names = Agent.objects.filter(of_agents(scope, "pk"), workspace=workspace_id).order_by()
    groups = ApproverGroup.objects.filter(workspace=workspace_id).order_by().annotate(kind=Value("group"))
    columns = ("kind", "slug", "name")
    told: Any = names.annotate(kind=Value("agent"), slug=Value("")).values_list(*columns)
    rows: QuerySet[Any] = told.union(groups.values_list(*columns), all=True).order_by("name")
    return rows


_NAMED = KeptQuery(_list_named)


def _objects(workspace_id: UUID) -> tuple[str, ...]:
    try:
        indexes = get_policy_indexes(workspace_id)
    except PolicyCorruptError:
        return ()
    return tuple(sorted({name for index in indexes.values() for _, name in index.objects}))
