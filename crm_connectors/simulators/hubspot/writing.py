"""Judging a set of properties before any of them is stored: all or nothing for one record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_connectors.simulators.hubspot.faults import Fault
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.records import StoredRecord
from crm_connectors.simulators.hubspot.standard_schema import REQUIRED_TO_CREATE
from crm_connectors.simulators.hubspot.values import take_value
from crm_connectors.simulators.hubspot.wire import (
    STRICT_VERSION,
    Json,
    PropertyError,
    WireError,
    invalid,
    invalid_properties,
)


@dataclass(slots=True)
class Judged:
    """What will be stored, and what the portal wants to say about it."""

    values: dict[str, str | None] = field(default_factory=dict)
    warnings: list[dict[str, Json]] = field(default_factory=list)


def judge_properties(
    portal: Portal,
    object_type: str,
    sent: Json,
    *,
    version: str,
    record: StoredRecord | None,
    faults: Sequence[Fault] = (),
) -> Judged:
    """The values as they will be stored. `record` None for a new one. Raises WireError 400, or 409 for an e-mail
    address that another contact has."""
    if not isinstance(sent, dict):
        raise invalid("Invalid input JSON: properties takes an object")
    judged, errors = Judged(), []
    for name, value in sent.items():
        try:
            _judge_one(portal, object_type, name, value, version=version, record=record, into=judged)
        except PropertyError as error:
            errors.append(error)
    if record is None:
        errors += _missing(portal, object_type, judged.values, version)
    errors += _missing_by_condition(portal, object_type, judged.values, record, version)
    if errors:
        raise invalid_properties(errors, version)
    _keep_forward(portal, object_type, judged.values, record)
    return _disturbed(judged, faults)


def _judge_one(
    portal: Portal, object_type: str, name: str, value: Json, *, version: str, record: StoredRecord | None, into: Judged
) -> None:
    definition = portal.definitions[object_type].get(name)
    if definition is None:
        raise PropertyError(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    stored = record.values.get(name) if record else None
    taken = take_value(definition, value, stored=stored, is_strict=version == STRICT_VERSION)
    if taken.value is not None and portal.is_unique(object_type, name):
        _require_unique(portal, object_type, name, taken.value, record)
    into.values[name] = taken.value
    if taken.raw:
        context = {"propertyName": [name], "rawValue": [taken.raw], "normalizedValue": [taken.value]}
        message = f"{name} was normalized"
        into.warnings.append({"category": "PROPERTY_VALUE_NORMALIZED", "context": context, "message": message})


def _require_unique(portal: Portal, object_type: str, name: str, value: str, record: StoredRecord | None) -> None:
    for other in portal.records[object_type].values():
        if other is record or other.archived_at is not None or other.values.get(name) != value:
            continue
        if name == "email":
            raise WireError(409, f"Contact already exists. Existing ID: {other.id}", "CONFLICT")
        raise PropertyError(name, "CONFLICTING_UNIQUE_VALUE", f"{name} has this value on another object already")


def _missing(portal: Portal, object_type: str, values: Mapping[str, str | None], version: str) -> list[PropertyError]:
    """What every version asks of a new record; and what the portal's form asks, which the newest alone keeps."""
    groups = list(REQUIRED_TO_CREATE.get(object_type, ()))
    if version == STRICT_VERSION:
        groups += [(name,) for name in portal.required_to_create.get(object_type, ())]
    return [
        PropertyError(group[0], "MISSING_REQUIRED_PROPERTY", f"A value for {group[0]} must be provided")
        for group in groups
        if not any(values.get(name) for name in group)
    ]


def _missing_by_condition(
    portal: Portal, object_type: str, values: Mapping[str, str | None], record: StoredRecord | None, version: str
) -> list[PropertyError]:
    if version != STRICT_VERSION:
        return []
    after = {**(record.values if record else {}), **values}
    code = "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
    return [
        PropertyError(name, code, f"{name} is required because of a conditional property rule based on [{cause}]")
        for cause, needed in portal.required_if.get(object_type, {}).items()
        if values.get(cause)
        for name in needed
        if not after.get(name)
    ]


def _keep_forward(portal: Portal, object_type: str, values: dict[str, str | None], record: StoredRecord | None) -> None:
    """The lifecycle stage only moves forward through the API; a step back is answered with 200 and not taken."""
    wanted, stored = values.get("lifecyclestage"), record.values.get("lifecyclestage") if record else None
    if wanted is None or stored is None:
        return
    order = [value for value, _ in portal.definitions[object_type]["lifecyclestage"].options]
    if order.index(wanted) < order.index(stored):
        del values["lifecyclestage"]


def _disturbed(judged: Judged, faults: Sequence[Fault]) -> Judged:
    """A CRM that lies with 200, on order."""
    for fault in faults:
        if fault.kind == "ignore":
            judged.values.pop(fault.amount, None)
        elif fault.kind == "normalise":
            judged.values = {name: _normalised(name, value) for name, value in judged.values.items()}
    return judged


def _normalised(name: str, value: str | None) -> str | None:
    if value is None or name.startswith("countersign_"):
        return value
    if value.lstrip("-").isdigit():
        return str(round(int(value), -1))
    return value.upper()
