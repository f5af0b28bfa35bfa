"""What holds at this moment outside the requests themselves: asked once for all that one transaction looks at."""

from collections.abc import Sequence
from uuid import UUID

from approvals.models import AgentActionRequest
from approvals.selectors.bulk_releases import list_stops
from governance.domain.facts import ClosedField, SwitchFacts
from governance.domain.index import PolicyIndex
from governance.models import Membership
from governance.selectors.closed_fields import list_closed_fields
from governance.selectors.policy import get_policy_index


class Today:
    """Stops, policy, closed fields and people's roles, each read when first asked for; for one transaction alone."""

    def __init__(self, requests: Sequence[AgentActionRequest]) -> None:
        self._requests = requests
        self._stops: dict[UUID, SwitchFacts] | None = None
        self._indexes: dict[tuple[UUID, str], PolicyIndex | None] = {}
        self._closed: dict[tuple[UUID, str], tuple[ClosedField, ...]] = {}
        self._roles: dict[tuple[UUID, UUID], tuple[str, ...]] = {}

    def stops(self, request: AgentActionRequest) -> SwitchFacts:
        """The switches in force for one of the requests."""
        if self._stops is None:
            self._stops = list_stops(self._requests)
        return self._stops[request.pk]

    def index(self, request: AgentActionRequest) -> PolicyIndex | None:
        """The policy in force where it goes (connection joined)."""
        key = request.workspace_id, request.connection.environment
        if key not in self._indexes:
            self._indexes[key] = get_policy_index(*key)
        return self._indexes[key]

    def closed_fields(self, request: AgentActionRequest) -> tuple[ClosedField, ...]:
        """Fields of its object that deny at once."""
        key = request.connection_id, request.object_type
        if key not in self._closed:
            self._closed[key] = list_closed_fields(connection_id=key[0], object_type=key[1])
        return self._closed[key]

    def roles(self, request: AgentActionRequest) -> tuple[str, ...]:
        """The approver groups of the person who asks; of nobody none."""
        if request.person_id is None:
            return ()
        key = request.workspace_id, request.person_id
        if key not in self._roles:
            self._roles[key] = human_roles(*key)
        return self._roles[key]


def human_roles(workspace_id: UUID, person_id: UUID) -> tuple[str, ...]:
    """The approver groups of a person in a workspace, by slug. One query."""
    rows = Membership.objects.filter(group__workspace_id=workspace_id, person_id=person_id, person__is_active=True)
    return tuple(rows.order_by("group__slug").values_list("group__slug", flat=True))
