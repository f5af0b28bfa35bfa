"""Describe: what the run-as user may see and write, in our words and as the writer needs it.

Fields that field-level security hides are not there: for us they do not exist, and are never taken for empty.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from crm_connectors.port import TransientError
from crm_connectors.salesforce.naming import check_name
from crm_connectors.salesforce.session import SalesforceSession
from governance.domain.schema import FieldSchema, ObjectSchema, other_labels
from governance.domain.vocabulary import FieldType

FRESH_SECONDS = 300.0
MAX_KEPT = 500
_TYPES = {
    "string": FieldType.STRING,
    "combobox": FieldType.STRING,
    "encryptedstring": FieldType.STRING,
    "multipicklist": FieldType.STRING,
    "time": FieldType.STRING,
    "textarea": FieldType.TEXT,
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "url": FieldType.URL,
    "picklist": FieldType.PICKLIST,
    "boolean": FieldType.BOOLEAN,
    "int": FieldType.INTEGER,
    "double": FieldType.NUMBER,
    "currency": FieldType.NUMBER,
    "percent": FieldType.NUMBER,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "id": FieldType.REFERENCE,
    "reference": FieldType.REFERENCE,
}
"""Compound fields (address, location) and binary ones are not among them: nobody writes those as one value."""


class FieldInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One field as describe tells it. `options` are the active values of a picklist, `labels` what people read."""

    name: str
    label: str
    type: str
    length: int
    scale: int
    is_createable: bool
    is_updateable: bool
    is_required: bool
    is_restricted: bool
    is_key: bool
    options: tuple[str, ...]
    labels: dict[str, str]
    reference_to: tuple[str, ...]


class ObjectInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One object; `fields` by their names in lower case, which Salesforce does not tell apart."""

    name: str
    label: str
    fields: dict[str, FieldInfo]

    def find(self, name: str) -> FieldInfo | None:
        """The field of this name; None for one that is not there for us."""
        return self.fields.get(name.casefold())

    def types(self) -> dict[str, str]:
        """Salesforce's own type of each field, by its name in lower case."""
        return {name: field.type for name, field in self.fields.items()}

    def schema(self) -> ObjectSchema:
        """The same in our words."""
        fields = (_schema_of(field) for field in self.fields.values() if field.type in _TYPES)
        return ObjectSchema(name=self.name, label=self.label, fields=tuple(fields))


class _Kept:
    """Objects that this process described in the last minutes: every write asks whether its object has our key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[tuple[UUID, str], tuple[float, ObjectInfo]] = {}

    def find(self, connection_id: UUID, name: str) -> ObjectInfo | None:
        with self._lock:
            at, info = self._objects.get((connection_id, name.casefold()), (0.0, None))
        return info if info is not None and time.monotonic() - at < FRESH_SECONDS else None

    def keep(self, connection_id: UUID, info: ObjectInfo) -> None:
        with self._lock:
            while len(self._objects) >= MAX_KEPT:
                del self._objects[next(iter(self._objects))]
            self._objects[connection_id, info.name.casefold()] = (time.monotonic(), info)


_kept = _Kept()


def describe_object(session: SalesforceSession, connection_id: UUID, name: str) -> ObjectInfo:
    """The object as it is now. One call. Raises NotFoundError."""
    body = session.read_json("GET", f"/sobjects/{check_name(name)}/describe")
    if not isinstance(body, dict) or not isinstance(body.get("fields"), list):
        raise TransientError("the CRM's description of an object cannot be read")
    fields = [_info_of(field) for field in body["fields"]]
    info = ObjectInfo(
        name=str(body["name"]),
        label=str(body.get("labelPlural") or body["name"]),
        fields={field.name.casefold(): field for field in fields},
    )
    _kept.keep(connection_id, info)
    return info


def get_object(session: SalesforceSession, connection_id: UUID, name: str) -> ObjectInfo:
    """The object as it was within the last five minutes. One call or none. Raises NotFoundError."""
    return _kept.find(connection_id, check_name(name)) or describe_object(session, connection_id, name)


def _info_of(field: Mapping[str, Any]) -> FieldInfo:
    is_createable = bool(field.get("createable"))
    active = [item for item in field.get("picklistValues") or () if item.get("active")]
    is_given = field.get("nillable") or field.get("defaultedOnCreate") or field.get("type") == "boolean"
    return FieldInfo(
        name=str(field["name"]),
        label=str(field.get("label") or field["name"]),
        type=str(field["type"]),
        length=int(field.get("length") or 0),
        scale=int(field.get("scale") or 0),
        is_createable=is_createable,
        is_updateable=bool(field.get("updateable")),
        is_required=is_createable and not is_given,
        is_restricted=bool(field.get("restrictedPicklist")),
        is_key=bool(field.get("externalId") and field.get("unique")),
        options=tuple(str(item["value"]) for item in active),
        labels=other_labels((str(item["value"]), str(item.get("label") or "")) for item in active),
        reference_to=tuple(map(str, field.get("referenceTo") or ())),
    )


def _schema_of(field: FieldInfo) -> FieldSchema:
    """A picklist's defined values are all that we write to it, also where the org would take others."""
    return FieldSchema(
        name=field.name,
        label=field.label,
        type=_TYPES[field.type].value,
        is_read_only=not (field.is_createable or field.is_updateable),
        is_required=field.is_required,
        max_length=field.length or None if field.type not in {"picklist", "id", "reference"} else None,
        options=field.options if field.type == "picklist" else (),
        option_labels=field.labels if field.type == "picklist" else {},
    )
