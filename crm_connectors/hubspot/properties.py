"""HubSpot's properties in our words: what type a field has, who may write it, what it may hold."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from governance.domain.schema import FieldSchema, other_labels
from governance.domain.vocabulary import FieldType

MAX_TEXT = 65_536
# HubSpot has one type of number. These properties count things.
_COUNTS = re.compile(r"numberofemployees|(hs_)?num_[a-z_]+")
# Proposals of tasks and notes have names of their own for what HubSpot calls otherwise (APR-05).
_OUR_NAMES = {
    "tasks": {
        "hs_task_subject": "subject",
        "hs_task_body": "body",
        "hs_task_type": "task_type",
        "hs_task_status": "status",
        "hs_task_priority": "priority",
        "hs_timestamp": "due_date",
        "hubspot_owner_id": "owner",
    },
    "notes": {"hs_note_body": "body", "hubspot_owner_id": "owner"},
}
_TEXTS = frozenset({"textarea", "html"})
_TYPES = {
    "bool": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "phone_number": FieldType.PHONE,
}


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """One property as the portal defines it. `name` is ours, `wire_name` HubSpot's. `is_set`: it holds several options,
    separated by semicolons. `labels`: what people read for its options. `is_day`: HubSpot keeps a moment, we a day."""

    name: str
    wire_name: str
    label: str
    type: FieldType
    is_read_only: bool
    is_unique: bool
    is_set: bool
    options: tuple[str, ...]
    labels: dict[str, str] = {}
    is_day: bool = False

    def to_field(self, stages: tuple[tuple[str, str], ...] | None = None) -> FieldSchema:
        """As the registry takes it. A set is text to us: a picklist holds one value. `stages` of pipelines, each with
        its label, replace its own options."""
        is_chosen = self.type is FieldType.PICKLIST
        options = self.options if stages is None else tuple(value for value, _ in stages)
        labels = self.labels if stages is None else other_labels(stages)
        is_text = self.type in (FieldType.STRING, FieldType.TEXT)
        return FieldSchema(
            name=self.name,
            label=self.label,
            type=self.type,
            is_read_only=self.is_read_only,
            max_length=MAX_TEXT if is_text else None,
            options=options if is_chosen else (),
            option_labels=labels if is_chosen else {},
        )


def read_property(wire: Mapping[str, Any], object_type: str = "") -> Property:
    """Writable is what HubSpot neither calculates nor keeps for itself."""
    wire_name = str(wire["name"])
    name = _OUR_NAMES.get(object_type, {}).get(wire_name, wire_name)
    is_day = name == "due_date"
    metadata = wire.get("modificationMetadata") or {}
    options = [(str(item["value"]), str(item.get("label") or "")) for item in wire.get("options") or ()]
    kind, field_type = str(wire.get("type")), str(wire.get("fieldType"))
    is_known = kind in _TYPES or kind in ("string", "number", "enumeration")
    return Property(
        name=name,
        wire_name=wire_name,
        label=str(wire.get("label") or wire_name),
        type=_type_of(wire_name, "date" if is_day else kind, field_type, is_external=bool(wire.get("externalOptions"))),
        is_read_only=bool(metadata.get("readOnlyValue")) or bool(wire.get("calculated")) or not is_known,
        is_unique=bool(wire.get("hasUniqueValue")),
        is_set=kind == "enumeration" and field_type == "checkbox",
        options=tuple(value for value, _ in options),
        labels=other_labels(options),
        is_day=is_day,
    )


def _type_of(name: str, kind: str, field_type: str, *, is_external: bool) -> FieldType:
    match kind:
        case "number":
            return FieldType.INTEGER if _COUNTS.fullmatch(name) else FieldType.NUMBER
        case "enumeration" if is_external:
            return FieldType.REFERENCE
        case "enumeration":
            return FieldType.STRING if field_type == "checkbox" else FieldType.PICKLIST
        case "string" if name == "email":
            return FieldType.EMAIL
        case "string" if field_type == "phonenumber":
            return FieldType.PHONE
        case _:
            return _TYPES.get(kind, FieldType.TEXT if field_type in _TEXTS else FieldType.STRING)
