"""The portal's own history of properties: newest first, no old value, a limited number of changes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from crm_connectors.domain.record import HistoryEntry
from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.marks import marks_by_moment
from crm_connectors.hubspot.properties import Property
from crm_connectors.hubspot.reading import fetch, fetch_many, moment, wire_names
from crm_connectors.hubspot.schema import Properties, get_properties, require_known
from crm_connectors.hubspot.values import from_wire

BATCH_WITH_HISTORY = 50
# HubSpot's words for machines, in the port's; the list is open, and whoever is not in it counts as a person.
_MACHINES = {
    "INTEGRATION": "integration",
    "API": "integration",
    "AUTOMATION_PLATFORM": "workflow",
    "WORKFLOWS": "workflow",
    "IMPORT": "import",
    "CALCULATED": "system",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def history_depth(object_type: str) -> int:
    """How many changes of a property HubSpot keeps, as far as is known."""
    return 45 if object_type == "contacts" else 20


def history(portal: Portal, object_type: str, record_id: str, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
    """One call. Of a property with as many changes as HubSpot keeps, the oldest is left out: what was before it is not
    known. Raises NotFoundError."""
    known, watched = _watched(portal, object_type, fields)
    found = fetch(portal, object_type, record_id, [], with_history=watched)
    depth = history_depth(object_type)
    entries = (entry for name in fields for entry in _entries(portal, known[name], found, most=depth - 1))
    return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True))


def last_changes(
    portal: Portal, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
) -> dict[str, tuple[HistoryEntry, ...]]:
    """One call for each fifty records."""
    newest = _changes_of(portal, object_type, record_ids, fields, most=1)
    return {record_id: entries for record_id, entries in newest.items() if entries}


def list_changes(
    portal: Portal, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
) -> dict[str, tuple[HistoryEntry, ...]]:
    """All that HubSpot keeps, newest first. One call for each fifty records."""
    found = _changes_of(portal, object_type, record_ids, fields, most=history_depth(object_type))
    return {
        record_id: tuple(sorted(entries, key=lambda entry: entry.at, reverse=True))
        for record_id, entries in found.items()
    }


def _changes_of(
    portal: Portal, object_type: str, record_ids: Sequence[str], fields: Sequence[str], *, most: int
) -> dict[str, tuple[HistoryEntry, ...]]:
    known, watched = _watched(portal, object_type, fields)
    body = {"properties": [], "propertiesWithHistory": watched}
    found = {
        str(item["id"]): item for item in fetch_many(portal, object_type, record_ids, body, size=BATCH_WITH_HISTORY)
    }
    return {
        record_id: tuple(entry for name in fields for entry in _entries(portal, known[name], wire, most=most))
        for record_id, wire in found.items()
        if record_id in record_ids
    }


def _watched(portal: Portal, object_type: str, fields: Sequence[str]) -> tuple[Properties, list[str]]:
    known = get_properties(portal, object_type, needs=frozenset(fields))
    require_known(known, frozenset(fields))
    mark = portal.settings.mark_property
    names = wire_names(known, fields)
    return known, [*names, mark] if mark in known and mark not in fields else names


def _entries(portal: Portal, item: Property, wire: Mapping[str, Any], *, most: int) -> Iterator[HistoryEntry]:
    """The changes of one property. Ours are known by our mark of the same moment."""
    histories = wire.get("propertiesWithHistory") or {}
    changes = histories.get(item.wire_name) or []
    marks = marks_by_moment(histories.get(portal.settings.mark_property) or [])
    for place, change in enumerate(changes[:most]):
        older = changes[place + 1].get("value") if place + 1 < len(changes) else None
        stamp, source = str(change.get("timestamp")), str(change.get("sourceType"))
        key, actor = marks.get(stamp, ("", "")) if source == "INTEGRATION" else ("", "")
        yield HistoryEntry(
            field=item.name,
            before=from_wire(item, older),
            after=from_wire(item, change.get("value")),
            actor=actor or _writer(source, change),
            at=moment(stamp) or _EPOCH,
            operation_key=key,
            writer=_writer(source, change),
        )


def _writer(source: str, change: Mapping[str, Any]) -> str:
    """Who wrote it, as far as HubSpot says: a person by the user's id."""
    if source in _MACHINES:
        return f"{_MACHINES[source]}:{change.get('sourceId') or ''}"
    user = change.get("updatedByUserId")
    return f"user:{user}" if user else f"{source.lower()}:{change.get('sourceId') or ''}"
