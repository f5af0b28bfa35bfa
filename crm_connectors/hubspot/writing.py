"""Writes. HubSpot has no conditional write and no idempotency key; what can be promised in spite of that is promised.

An update reads, compares and sets absolute values: class B, and what somebody writes between our read and our write is
overwritten. A create bears a key that the portal keeps unique: class A; without such a property it is class C.
"""

from collections.abc import Mapping, Set
from datetime import UTC, datetime
from typing import Any

from crm_connectors.domain.field_value import is_same_value
from crm_connectors.domain.record import Operation, Receipt, Record
from crm_connectors.hubspot import marks
from crm_connectors.hubspot.associating import association_to
from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.finding import find_created
from crm_connectors.hubspot.reading import fetch, require_id, to_record, wire_names
from crm_connectors.hubspot.schema import Properties, forget_properties, get_properties
from crm_connectors.hubspot.values import UnfitValueError, to_wire
from crm_connectors.port import AmbiguousError, ConflictError, ConnectorError, RejectedError

_NEEDS_TIMESTAMP = frozenset({"tasks", "notes", "meetings", "calls", "emails"})
_STAGE = "lifecyclestage"


def send(portal: Portal, operation: Operation) -> Receipt:
    """Apply one write. See `crm_connectors.port.Connector.send`."""
    match operation.verb:
        case "update":
            return _update(portal, operation)
        case "create":
            return _create(portal, operation)
        case "archive":
            return _archive(portal, operation)
        case verb:
            raise RejectedError(f"`{verb}` is no verb of HubSpot")


def is_keyed(portal: Portal, object_type: str) -> bool:
    """Whether the portal has a property that keeps our keys unique for this object."""
    name = portal.settings.key_property
    known = get_properties(portal, object_type, needs=frozenset())
    return name in known and known[name].is_unique and not known[name].is_read_only


def _update(portal: Portal, operation: Operation) -> Receipt:
    object_type, record_id = operation.object, require_id(operation.record_id or "")
    known = _known(portal, operation)
    sent = _to_wire(known, operation)
    record = _require_unchanged(portal, known, operation)
    marked = {**sent, **_mark(portal, known, operation)}
    if _goes_back(known, record, sent):
        return _update_backwards(portal, operation, record_id, marked)
    try:
        return _receipt(portal.write("PATCH", "objects", object_type, record_id, json={"properties": marked}))
    except RejectedError as error:
        raise _in_our_words(known, error) from error


def _update_backwards(portal: Portal, operation: Operation, record_id: str, sent: Mapping[str, str]) -> Receipt:
    """A stage moves back only by way of empty: two writes. Whatever stops the second leaves the record in between, and
    so the outcome open: a person looks."""
    emptied = {"properties": {_STAGE: ""}}
    portal.write("PATCH", "objects", operation.object, record_id, json=emptied)
    try:
        return _receipt(portal.write("PATCH", "objects", operation.object, record_id, json={"properties": sent}))
    except ConnectorError as error:
        raise AmbiguousError(f"`{_STAGE}` was emptied, but not set: {error.code}") from error


def _create(portal: Portal, operation: Operation) -> Receipt:
    """Made with our key: where the key is taken, this very operation was applied before. No upsert, which would set
    the values again over what people wrote since, and takes no associations."""
    known = _known(portal, operation)
    sent = {**_to_wire(known, operation), **_mark(portal, known, operation)}
    key = portal.settings.key_property
    has_key = is_keyed(portal, operation.object)
    if has_key:
        sent[key] = operation.operation_key
    if operation.object in _NEEDS_TIMESTAMP:
        sent.setdefault("hs_timestamp", datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
    body = {"properties": sent, "associations": association_to(operation)}
    try:
        return _receipt(portal.write("POST", "objects", operation.object, json=body))
    except RejectedError as error:
        repeat = find_created(portal, operation) if has_key and key in error.errors else None
        if repeat is None:
            raise _in_our_words(known, error) from error
        return repeat


def _archive(portal: Portal, operation: Operation) -> Receipt:
    object_type, record_id = operation.object, require_id(operation.record_id or "")
    record = _require_unchanged(portal, _known(portal, operation), operation)
    portal.delete("objects", object_type, record_id)
    return Receipt(record_id=record_id, version=record.version)


def _known(portal: Portal, operation: Operation) -> Properties:
    """The schema, with every property that the operation names. Raises RejectedError naming the unknown."""
    names = frozenset((*operation.values, *operation.before))
    known = get_properties(portal, operation.object, needs=names)
    _refuse_unknown(names - known.keys())
    return known


def _refuse_unknown(names: Set[str]) -> None:
    if names:
        errors = dict.fromkeys(sorted(names), "is no property of this object")
        raise RejectedError(f"{', '.join(f'`{name[:100]}`' for name in errors)}: no such property", errors=errors)


def _to_wire(known: Properties, operation: Operation) -> dict[str, str]:
    """Raises RejectedError with a complaint for each value that HubSpot would not keep as it is."""
    sent, errors = {}, {}
    for name, value in operation.values.items():
        if known[name].is_read_only:
            errors[name] = "is read-only"
            continue
        try:
            sent[known[name].wire_name] = to_wire(known[name], value)
        except UnfitValueError as error:
            errors[name] = str(error)
    if errors:
        told = "; ".join(f"`{name}` {complaint}" for name, complaint in errors.items())
        raise RejectedError(f"not sent to HubSpot: {told}", errors=errors)
    return sent


def _in_our_words(known: Properties, error: RejectedError) -> RejectedError:
    """HubSpot complains of its own names."""
    ours = {item.wire_name: item.name for item in known.values()}
    errors = {ours.get(name, name): complaint for name, complaint in error.errors.items()}
    told = "; ".join(f"`{name}` {complaint}" for name, complaint in errors.items())
    return RejectedError(f"HubSpot refuses this: {told}" if told else str(error), errors=errors)


def _mark(portal: Portal, known: Properties, operation: Operation) -> dict[str, str]:
    name = portal.settings.mark_property
    return {name: marks.make_mark(operation)} if name in known and not known[name].is_read_only else {}


def _require_unchanged(portal: Portal, known: Properties, operation: Operation) -> Record:
    """The record as it is right before the write. What is missing from HubSpot's answer left the schema a moment ago.

    Raises ConflictError, NotFoundError, RejectedError."""
    names = sorted({*operation.values, *operation.before})
    found = fetch(portal, operation.object, operation.record_id or "", wire_names(known, names))
    told_of = found.get("properties") or {}
    if missing := {name for name in names if known[name].wire_name not in told_of}:
        forget_properties(portal, operation.object)
        _refuse_unknown(missing)
    record = to_record(operation.object, known, found, names)
    if operation.version and operation.version != record.version:
        raise ConflictError("the record changed since the version that was read")
    moved = [name for name, seen in operation.before.items() if not is_same_value(record.values[name], seen)]
    if moved:
        told = ", ".join(f"`{name}`" for name in moved)
        raise ConflictError(f"{told} changed since the value that was read")
    return record


def _goes_back(known: Properties, record: Record, sent: Mapping[str, str]) -> bool:
    now, wanted = record.values.get(_STAGE), sent.get(_STAGE)
    order = known[_STAGE].options if wanted else ()
    return bool(wanted and now in order and wanted in order and order.index(wanted) < order.index(str(now)))


def _receipt(answer: Mapping[str, Any]) -> Receipt:
    """Raises AmbiguousError for a 2xx that does not say which record it speaks of."""
    if not answer.get("id") or not answer.get("updatedAt"):
        raise AmbiguousError("HubSpot's answer names no record")
    return Receipt(record_id=str(answer["id"]), version=str(answer["updatedAt"]))
