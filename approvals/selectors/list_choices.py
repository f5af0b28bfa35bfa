"""What the filters of the lists offer: the workspace's agents, objects and approver groups."""

from dataclasses import dataclass
from uuid import UUID

from governance.models import Agent, ApproverGroup
from governance.selectors.policy import PolicyCorruptError, get_policy_indexes


@dataclass(frozen=True, slots=True)
class ListChoices:
    """`groups` are pairs of slug and name."""

    agents: tuple[str, ...]
    objects: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]


def list_choices(*, workspace_id: UUID) -> ListChoices:
    """Three queries."""
    agents = Agent.objects.filter(workspace=workspace_id).order_by("name").values_list("name", flat=True)
    groups = ApproverGroup.objects.filter(workspace=workspace_id).order_by("name").values_list("slug", "name")
    return ListChoices(tuple(agents), _objects(workspace_id), tuple(groups))


def _objects(workspace_id: UUID) -> tuple[str, ...]:
    try:
        indexes = get_policy_indexes(workspace_id)
    except PolicyCorruptError:
        return ()
    return tuple(sorted({name for index in indexes.values() for _, name in index.objects}))
