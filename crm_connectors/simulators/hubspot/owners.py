"""The people of the portal. An owner id is not a user id: records name the first, history the second."""

from dataclasses import dataclass
from typing import Any

from crm_connectors.embedded import picklists
from crm_connectors.simulators.hubspot.clock import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    id: str
    user_id: int
    email: str
    first_name: str
    last_name: str
    is_archived: bool = False

    def to_wire(self) -> dict[str, Any]:
        """A deactivated owner has no user any more."""
        return {
            "id": self.id,
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": None if self.is_archived else self.user_id,
            "userIdIncludingInactive": self.user_id,
            "createdAt": iso(1_700_000_000_000),
            "updatedAt": iso(1_700_000_000_000),
            "archived": self.is_archived,
            "teams": [],
        }


def _owner(place: int, email: str, label: str) -> Owner:
    first, _, last = label.partition(" · ")[0].partition(" ")
    return Owner(id=str(41_000_001 + place), user_id=9_500_001 + place, email=email, first_name=first, last_name=last)


_LEFT = Owner(
    id="41000099",
    user_id=9_500_099,
    email="ivy.north@example.com",
    first_name="Ivy",
    last_name="North",
    is_archived=True,
)
OWNERS = (*(_owner(place, email, label) for place, (email, label) in enumerate(picklists.OWNER)), _LEFT)
"""The sales people of the demonstration, and one who has left."""
