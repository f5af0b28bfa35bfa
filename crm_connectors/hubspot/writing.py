"""Writes. HubSpot has no conditional write and no idempotency key; what can be promised in spite of that is promised.

An update reads, compares and sets absolute values: class B, and what somebody writes between our read and our write is
overwritten. The read may be the one that the attempt has just made, a second ago at the most. A create bears a key that
the portal keeps unique: class A; without such a property it is class C.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from crm_connectors.domain.record import Operation, Receipt, Record
from crm_connectors.hubspot.associating import association_to
from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.changing import (
    STAGE,
    goes_back,
    in_our_words,
    known_for,
    mark_of,
    names_of,
    receipt_of,
    require_as_seen,
    require_unchanged,
    wire_values,
)
from crm_connectors.hubspot.finding import find_created
from crm_connectors.hubspot.reading import fetch, require_id, wire_names
from crm_connectors.hubspot.schema import Properties, get_properties
from crm_connectors.port import AmbiguousError, ConnectorError, RejectedError

_NEEDS_TIMESTAMP = frozenset({"tasks", "notes", "meetings", "calls", "emails"})


def send(portal: Portal, operation: Operation, seen: Record | None = None) -> Receipt:
    """Apply one write. See `crm_connectors.port.Connector.send`. `seen` is a record as it was a moment ago."""
    match operation.verb:
        case "update":
            return _update(portal, operation, seen)
        case "create":
            return _create(portal, operation)
        case "archive":
            return _archive(portal, operation, seen)
        case verb:
            raise RejectedError(f"`{verb}` is no verb of HubSpot")


def is_keyed(portal: Portal, object_type: str) -> bool:
    """Whether the portal has a property that keeps our keys unique for this object."""
    name = portal.settings.key_property
    known = get_properties(portal, object_type, needs=frozenset())
    return name in known and known[name].is_unique and not known[name].is_read_only


def _update(portal: Portal, operation: Operation, seen: Record | None) -> Receipt:
    object_type, record_id = operation.object, require_id(operation.record_id or "")
    known = known_for(portal, operation)
    sent = wire_values(known, operation)
    record = _right_before(portal, known, operation, seen)
    marked = {**sent, **mark_of(portal, known, operation)}
    if goes_back(known, record, sent):
        return _update_backwards(portal, operation, record_id, marked)
    try:
        return receipt_of(portal.write("PATCH", "objects", object_type, record_id, json={"properties": marked}))
    except RejectedError as error:
        raise in_our_words(known, error) from error


def _right_before(portal: Portal, known: Properties, operation: Operation, seen: Record | None) -> Record:
    """The record that is about to be written: read now, unless it was just seen in the version and with the fields that
    the operation speaks of. Raises ConflictError, NotFoundError, RejectedError."""
    names = names_of(operation)
    if seen is not None and _is_that(seen, operation) and seen.values.keys() >= set(names):
        return require_as_seen(operation, seen)
    found = fetch(portal, operation.object, operation.record_id or "", wire_names(known, names))
    return require_unchanged(portal, known, operation, found)


def _is_that(seen: Record, operation: Operation) -> bool:
    return (seen.object, seen.id, seen.version) == (operation.object, operation.record_id, operation.version)


def _update_backwards(portal: Portal, operation: Operation, record_id: str, sent: Mapping[str, str]) -> Receipt:
    """A stage moves back only by way of empty: two writes, each behind a gate. The first one's is the caller's; before
    the second the stops are read anew. Whatever stops it leaves the record in between, and so the outcome open: a
    person looks."""
    stopped = portal.stops.in_force(operation.actor)
    emptied = {"properties": {STAGE: ""}}
    portal.write("PATCH", "objects", operation.object, record_id, json=emptied)
    if portal.stops.in_force(operation.actor) - stopped:
        raise AmbiguousError(f"`{STAGE}` was emptied, but not set: a stop came between the two writes")
    try:
        return receipt_of(portal.write("PATCH", "objects", operation.object, record_id, json={"properties": sent}))
    except ConnectorError as error:
        raise AmbiguousError(f"`{STAGE}` was emptied, but not set: {error.code}") from error


def _create(portal: Portal, operation: Operation) -> Receipt:
    """Made with our key: where the key is taken, this very operation was applied before. No upsert, which would set
    the values again over what people wrote since, and takes no associations."""
    known = known_for(portal, operation)
    sent = {**wire_values(known, operation), **mark_of(portal, known, operation)}
    key = portal.settings.key_property
    has_key = is_keyed(portal, operation.object)
    if has_key:
        sent[key] = operation.operation_key
    if operation.object in _NEEDS_TIMESTAMP:
        sent.setdefault("hs_timestamp", datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
    body = {"properties": sent, "associations": association_to(operation)}
    try:
        return receipt_of(portal.write("POST", "objects", operation.object, json=body))
    except RejectedError as error:
        repeat = find_created(portal, operation) if has_key and key in error.errors else None
        if repeat is None:
            raise in_our_words(known, error) from error
        return repeat


def _archive(portal: Portal, operation: Operation, seen: Record | None) -> Receipt:
    object_type, record_id = operation.object, require_id(operation.record_id or "")
    known = known_for(portal, operation)
    record = _right_before(portal, known, operation, seen)
    portal.delete("objects", object_type, record_id)
    return Receipt(record_id=record_id, version=record.version)
