"""What belongs to people rather than records: consent by e-mail address, and enrolments in sequences."""

from dataclasses import dataclass, field
from typing import Any

from crm_connectors.simulators.hubspot.clock import iso

SUBSCRIPTIONS = ((1001, "Marketing information"), (1002, "One to one"))
SEQUENCES = (("501", "Inbound follow-up"), ("502", "Renewal reminder"))


@dataclass(slots=True)
class ConsentOf:
    """One address. `statuses` by subscription; `opted_out_at` when the person wants nothing at all."""

    statuses: dict[int, tuple[str, int]] = field(default_factory=dict)
    opted_out_at: int | None = None


class Consent:
    """Keyed by address, so that it outlives the contact and meets the next one."""

    def __init__(self) -> None:
        self._by_address: dict[str, ConsentOf] = {}

    def clear(self) -> None:
        self._by_address.clear()

    def of(self, address: str) -> ConsentOf:
        return self._by_address.get(address.casefold(), ConsentOf())

    def set(self, address: str, subscription: int, state: str, at: int) -> bool:
        """Whether it changed."""
        known = self._by_address.setdefault(address.casefold(), ConsentOf())
        if known.statuses.get(subscription, ("NOT_SPECIFIED", 0))[0] == state:
            return False
        known.statuses[subscription] = (state, at)
        return True

    def opt_out(self, address: str, at: int) -> None:
        """Out of everything."""
        self._by_address.setdefault(address.casefold(), ConsentOf()).opted_out_at = at

    def state(self, address: str, subscription: int) -> str:
        known = self.of(address)
        if known.opted_out_at is not None:
            return "UNSUBSCRIBED"
        return known.statuses.get(subscription, ("NOT_SPECIFIED", 0))[0]


class Enrolments:
    """At most one running enrolment per contact. Nothing here takes one back."""

    def __init__(self) -> None:
        self._by_contact: dict[str, dict[str, Any]] = {}
        self._count = 0

    def clear(self) -> None:
        self._by_contact.clear()

    def of(self, contact_id: str) -> dict[str, Any] | None:
        return self._by_contact.get(contact_id)

    def add(self, *, contact_id: str, sequence_id: str, to: str, sender: str, user_id: str, at: int) -> dict[str, Any]:
        """The enrolment as the wire tells it."""
        self._count += 1
        self._by_contact[contact_id] = {
            "id": str(700_000 + self._count),
            "sequenceId": sequence_id,
            "sequenceName": dict(SEQUENCES)[sequence_id],
            "enrolledBy": user_id,
            "enrolledByEmail": sender,
            "enrolledAt": iso(at),
            "toEmail": to,
            "updatedAt": iso(at),
        }
        return self._by_contact[contact_id]
