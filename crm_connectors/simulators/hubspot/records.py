"""Records of the portal, the history of each property, and the journal of what was applied."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from crm_connectors.simulators.hubspot.clock import iso
from crm_connectors.simulators.hubspot.standard_schema import DEFAULT_PROPERTIES

MAX_JOURNAL = 200_000


def history_depth(object_type: str) -> int:
    """How many changes of a property are kept."""
    return 45 if object_type == "contacts" else 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who changes something: an app (`INTEGRATION`) or a person (`CRM_UI`)."""

    type: str
    id: str
    user_id: int | None = None
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class HistoryItem:
    value: str | None
    at: int
    source: Source

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {
            "value": self.value or "",
            "timestamp": iso(self.at),
            "sourceType": self.source.type,
            "sourceId": self.source.id,
        }
        return wire if self.source.user_id is None else {**wire, "updatedByUserId": self.source.user_id}


@dataclass(slots=True, kw_only=True)
class StoredRecord:
    """One record. `history` is newest first, by property."""

    object: str
    id: str
    created_at: int
    updated_at: int
    values: dict[str, str] = field(default_factory=dict)
    history: dict[str, deque[HistoryItem]] = field(default_factory=dict)
    archived_at: int | None = None
    merged_into: str = ""

    def put(self, name: str, value: str | None, *, at: int, source: Source) -> bool:
        """Store a value and its history; whether it changed anything."""
        if self.values.get(name) == value:
            return False
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value
        self.history.setdefault(name, deque(maxlen=history_depth(self.object))).appendleft(
            HistoryItem(value, at, source)
        )
        self.updated_at = at
        return True

    @property
    def stamps(self) -> dict[str, str]:
        """The properties that the portal keeps itself."""
        modified = "lastmodifieddate" if self.object == "contacts" else "hs_lastmodifieddate"
        created = "createdate" if self.object in DEFAULT_PROPERTIES else "hs_createdate"
        return {"hs_object_id": self.id, created: iso(self.created_at), modified: iso(self.updated_at)}

    def get(self, name: str) -> str | None:
        """A property's value as it is read, also of those that the portal keeps."""
        if name in ("hs_createdate", "createdate"):
            return iso(self.created_at)
        if name in ("hs_lastmodifieddate", "lastmodifieddate"):
            return iso(self.updated_at)
        return self.id if name == "hs_object_id" else self.values.get(name)

    def to_wire(self, names: list[str], with_history: list[str]) -> dict[str, Any]:
        """These properties (which the portal knows) and the portal's own; without names, the small default set."""
        chosen = [*names, *with_history] or list(DEFAULT_PROPERTIES.get(self.object, ()))
        wire: dict[str, Any] = {
            "id": self.id,
            "properties": {**{name: self.get(name) for name in chosen}, **self.stamps},
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
            "archived": self.archived_at is not None,
            "url": f"https://app.hubspot.com/contacts/62515/record/{self.object}/{self.id}",
        }
        if self.archived_at is not None:
            wire["archivedAt"] = iso(self.archived_at)
        if with_history:
            wire["propertiesWithHistory"] = {
                name: [item.to_wire() for item in self.history.get(name, ())] for name in with_history
            }
        return wire


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One write that was applied, whatever its caller was told."""

    number: int
    at: str
    kind: str
    object: str
    id: str
    values: dict[str, Any]
    source: str
    correlation_id: str = ""


class Journal:
    """The truth about applied writes, oldest first. What no longer fits is counted, never silently gone."""

    def __init__(self) -> None:
        self.entries: deque[JournalEntry] = deque(maxlen=MAX_JOURNAL)
        self.count = 0

    def add(self, kind: str, record: StoredRecord, values: dict[str, Any], *, at: int, source: Source) -> None:
        self.count += 1
        self.entries.append(
            JournalEntry(
                number=self.count,
                at=iso(at),
                kind=kind,
                object=record.object,
                id=record.id,
                values=dict(values),
                source=f"{source.type}:{source.id}",
                correlation_id=source.correlation_id,
            )
        )

    def of(self, record_id: str, kind: str = "") -> list[JournalEntry]:
        """What was applied to one record."""
        return [item for item in self.entries if item.id == record_id and kind in ("", item.kind)]

    def clear(self) -> None:
        self.entries.clear()
        self.count = 0
