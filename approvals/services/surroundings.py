"""What a person's requests have in common while they are decided together: read once, however many they are."""

from uuid import UUID

from approvals.services.gathering import read_switches
from approvals.services.judging import load_index
from approvals.services.today import human_roles
from governance.domain.facts import ClosedField, SwitchFacts
from governance.domain.index import PolicyIndex
from governance.selectors.closed_fields import list_closed_fields
from governance.selectors.releases import get_release


class Surroundings:
    """Roles, switches, closed fields and policy of one person in one workspace, each read when first asked for.

    Kept for one decision, or for those of one transaction; never longer. `switches` may be given: a dry run asks what
    holds when no stop is in force.
    """

    def __init__(self, *, workspace_id: UUID, person_id: UUID, switches: SwitchFacts | None = None) -> None:
        self.workspace_id = workspace_id
        self.person_id = person_id
        self._switches = switches
        self._roles: tuple[str, ...] | None = None
        self._closed: dict[tuple[UUID, str], tuple[ClosedField, ...]] = {}
        self._policies: dict[str, tuple[PolicyIndex | None, UUID | None]] = {}

    @property
    def roles(self) -> tuple[str, ...]:
        """The person's approver groups."""
        if self._roles is None:
            self._roles = human_roles(self.workspace_id, self.person_id)
        return self._roles

    @property
    def switches(self) -> SwitchFacts:
        """Those in force for a person."""
        if self._switches is None:
            self._switches = read_switches(workspace_id=self.workspace_id, agent_id=None)
        return self._switches

    def list_closed(self, connection_id: UUID, object_type: str) -> tuple[ClosedField, ...]:
        """Fields of the object that deny at once."""
        key = connection_id, object_type
        if key not in self._closed:
            self._closed[key] = list_closed_fields(connection_id=connection_id, object_type=object_type)
        return self._closed[key]

    def get_policy(self, environment: str) -> tuple[PolicyIndex | None, UUID | None]:
        """The policy in force there, and the id of its version; nothing of it where none is published."""
        if environment not in self._policies:
            release = get_release(self.workspace_id, environment)
            found = (load_index(release.version.digest), release.version_id) if release is not None else (None, None)
            self._policies[environment] = found
        return self._policies[environment]
