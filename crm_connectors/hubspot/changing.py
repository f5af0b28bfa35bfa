"""The parts of a write: what is sent, what must still hold, what HubSpot's answer means."""

from collections.abc import Mapping, Set
from typing import Any

from crm_connectors.domain.field_value import is_same_value
from crm_connectors.domain.record import Operation, Receipt, Record
from crm_connectors.hubspot import marks
from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.reading import to_record
from crm_connectors.hubspot.schema import Properties, forget_properties, get_properties
from crm_connectors.hubspot.values import UnfitValueError, to_wire
from crm_connectors.port import AmbiguousError, ConflictError, RejectedError

STAGE = "lifecyclestage"


def known_for(portal: Portal, operation: Operation) -> Properties:
    """The schema, with every property that the operation names. Raises RejectedError naming the unknown."""
    names = frozenset((*operation.values, *operation.before))
    known = get_properties(portal, operation.object, needs=names)
    _refuse_unknown(names - known.keys())
    return known


def _refuse_unknown(names: Set[str]) -> None:
    if names:
        errors = dict.fromkeys(sorted(names), "is no property of this object")
        raise RejectedError(f"{', '.join(f'`{name[:100]}`' for name in errors)}: no such property", errors=errors)


def wire_values(known: Properties, operation: Operation) -> dict[str, str]:
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


def in_our_words(known: Properties, error: RejectedError) -> RejectedError:
    """HubSpot complains of its own names."""
    ours = {item.wire_name: item.name for item in known.values()}
    errors = {ours.get(name, name): complaint for name, complaint in error.errors.items()}
    told = "; ".join(f"`{name}` {complaint}" for name, complaint in errors.items())
    return RejectedError(f"HubSpot refuses this: {told}" if told else str(error), errors=errors)


def mark_of(portal: Portal, known: Properties, operation: Operation) -> dict[str, str]:
    """The mark to send along; nothing where the portal has no property for it."""
    name = portal.settings.mark_property
    return {name: marks.make_mark(operation)} if name in known and not known[name].is_read_only else {}


def names_of(operation: Operation) -> list[str]:
    """Every field that the operation names."""
    return sorted({*operation.values, *operation.before})


def require_unchanged(portal: Portal, known: Properties, operation: Operation, found: Mapping[str, Any]) -> Record:
    """The record as HubSpot told it right before the write, with every field that the operation names. What is missing
    from the answer left the schema a moment ago. Raises ConflictError, RejectedError."""
    names, told_of = names_of(operation), found.get("properties") or {}
    if missing := {name for name in names if known[name].wire_name not in told_of}:
        forget_properties(portal, operation.object)
        _refuse_unknown(missing)
    return require_as_seen(operation, to_record(operation.object, known, found, names))


def require_as_seen(operation: Operation, record: Record) -> Record:
    """The record, if it is what the operation expects. Raises ConflictError."""
    if operation.version and operation.version != record.version:
        raise ConflictError("the record changed since the version that was read")
    moved = [name for name, seen in operation.before.items() if not is_same_value(record.values[name], seen)]
    if moved:
        told = ", ".join(f"`{name}`" for name in moved)
        raise ConflictError(f"{told} changed since the value that was read")
    return record


def goes_back(known: Properties, record: Record, sent: Mapping[str, str]) -> bool:
    """Whether this would move the lifecycle stage back, which HubSpot passes over with 200."""
    now, wanted = record.values.get(STAGE), sent.get(STAGE)
    order = known[STAGE].options if wanted else ()
    return bool(wanted and now in order and wanted in order and order.index(wanted) < order.index(str(now)))


def receipt_of(answer: Mapping[str, Any]) -> Receipt:
    """Raises AmbiguousError for a 2xx that does not say which record it speaks of."""
    if not answer.get("id") or not answer.get("updatedAt"):
        raise AmbiguousError("HubSpot's answer names no record")
    return Receipt(record_id=str(answer["id"]), version=str(answer["updatedAt"]))
