"""What the map of a day says: whom sends were handed over for, by keyed hash and never by address (DNC-07).

    label = HMAC-SHA256(map key, name)                  name: `email:jane@acme.example`, `record:embedded/contacts/101`
    value = SHA-256(ids of the sends, 16 bytes each, in their order)

A send belongs to the map of the day it began on; where its event got its leaf after that map was made, to the first map
made afterwards. Why the hash is keyed, and who gets the key: docs/adr/0022-proof-of-non-contact.md.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from audit.domain.sorted_map import Entry

_KEY_NAME = b"countersign contact map key v1"


@dataclass(frozen=True, slots=True)
class Send:
    """One `request.sent` of something that reaches people: its event, its day (UTC), the labels of whom it reaches."""

    event_id: UUID
    day: date
    labels: tuple[bytes, ...]


def contact_label(key: bytes, name: str) -> bytes:
    """The 32 bytes under which a map has `name`, which is a matching key of the do-not-contact list."""
    return hmac.new(key, name.encode(), hashlib.sha256).digest()


def map_key_name(key: bytes) -> str:
    """What names a map key without telling it: 16 hex digits. Who is given the key compares it with this."""
    return hashlib.sha256(_KEY_NAME + key).hexdigest()[:16]


def value_of(event_ids: Iterable[UUID]) -> bytes:
    """The value of a label: which sends it stands for."""
    return hashlib.sha256(b"".join(sorted(event_id.bytes for event_id in event_ids))).digest()


def entries_of(sends: Iterable[Send]) -> list[Entry]:
    """The map of these sends, sorted. The same sends give the same map, in whatever order they come."""
    found: dict[bytes, set[UUID]] = {}
    for send in sends:
        for label in send.labels:
            found.setdefault(label, set()).add(send.event_id)
    return [Entry(label, value_of(found[label])) for label in sorted(found)]


def late_days(sends: Iterable[Send], day: date) -> dict[str, int]:
    """How many of a map's sends began before its day, by their day: told late, never lost."""
    counts: dict[str, int] = {}
    for send in sends:
        if send.day < day:
            counts[send.day.isoformat()] = counts.get(send.day.isoformat(), 0) + 1
    return dict(sorted(counts.items()))
