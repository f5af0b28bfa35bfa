"""Which records belong together, in both directions, with the labels that say how."""

from collections import defaultdict

End = tuple[str, str]
Label = tuple[str, int]
"""`(category, type id)`."""

# Unlabelled type ids, by direction; the primary company of a contact or deal has one of its own.
TYPE_IDS = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("contacts", "deals"): 4,
    ("deals", "contacts"): 3,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("contacts", "tickets"): 15,
    ("tickets", "contacts"): 16,
    ("notes", "contacts"): 202,
    ("notes", "companies"): 190,
    ("notes", "deals"): 214,
    ("notes", "tickets"): 228,
    ("tasks", "contacts"): 204,
    ("tasks", "companies"): 192,
    ("tasks", "deals"): 216,
    ("tasks", "tickets"): 230,
    ("meetings", "contacts"): 200,
    ("meetings", "companies"): 188,
    ("meetings", "deals"): 212,
    ("meetings", "tickets"): 226,
    ("emails", "contacts"): 198,
    ("emails", "companies"): 186,
    ("emails", "deals"): 210,
    ("emails", "tickets"): 224,
    ("calls", "contacts"): 194,
    ("contacts", "notes"): 201,
    ("contacts", "tasks"): 203,
    ("contacts", "meetings"): 199,
    ("contacts", "emails"): 197,
    ("companies", "notes"): 189,
    ("companies", "tasks"): 191,
    ("companies", "meetings"): 187,
    ("companies", "emails"): 185,
    ("deals", "notes"): 213,
    ("deals", "tasks"): 215,
    ("deals", "meetings"): 211,
    ("deals", "emails"): 209,
}
_PRIMARY = {
    ("contacts", "companies"): 1,
    ("companies", "contacts"): 2,
    ("deals", "companies"): 5,
    ("companies", "deals"): 6,
}
HUBSPOT = "HUBSPOT_DEFINED"


def labels_between(a: str, b: str) -> list[tuple[int, str | None]]:
    """Every label that may join the two types, in this direction."""
    found: list[tuple[int, str | None]] = []
    if (a, b) in _PRIMARY:
        found.append((_PRIMARY[a, b], "Primary"))
    if (a, b) in TYPE_IDS:
        found.append((TYPE_IDS[a, b], None))
    return found


class Associations:
    """Labels by ordered pair."""

    def __init__(self) -> None:
        self._labels: defaultdict[End, dict[End, set[Label]]] = defaultdict(dict)

    def clear(self) -> None:
        self._labels.clear()

    def join(self, a: End, b: End, labels: set[Label] | None = None) -> None:
        """Join both ways. With labels, those replace what was there; the other direction gets its unlabelled type.

        Raises KeyError for types that cannot be joined."""
        there, back = TYPE_IDS[a[0], b[0]], TYPE_IDS.get((b[0], a[0]))
        self._labels[a][b] = labels or self._labels[a].get(b) or {(HUBSPOT, there)}
        if back is not None:
            self._labels[b].setdefault(a, {(HUBSPOT, back)})

    def part(self, a: End, b: End) -> bool:
        """End every label both ways; whether there was one."""
        self._labels[b].pop(a, None)
        return self._labels[a].pop(b, None) is not None

    def forget(self, object_type: str, record_id: str) -> None:
        end = (object_type, record_id)
        for other in list(self._labels.pop(end, {})):
            self._labels[other].pop(end, None)

    def of(self, end: End, other_type: str) -> list[tuple[str, set[Label]]]:
        """`(record id, labels)` of the other type, by id."""
        found = [(b[1], labels) for b, labels in self._labels.get(end, {}).items() if b[0] == other_type]
        return sorted(found, key=lambda item: int(item[0]))
