"""The only writers of the embedded CRM's records: create, change, archive.

Each runs inside `open_transaction` under the lock of the row it touches, raises the version, and leaves one history
entry per changed field; `changing_many` writes what `find_change` found of several records. What a person does in the
admin and what an operation does go through the same functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from crm_connectors.domain.field_value import find_complaints, is_empty, is_same_value
from crm_connectors.domain.record import JsonValue
from crm_connectors.models import CrmField, CrmFieldChange, CrmObject, CrmRecord
from crm_connectors.port import NotFoundError, RejectedError
from crm_connectors.selectors.embedded_read import parse_record_id
from crm_connectors.selectors.embedded_schema import field_schema, get_fields

_WRITTEN = ("values", "title", "version", "modified_at", "archived_at")


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, when, and for which operation (none for a person's own edit)."""

    actor: str
    at: datetime
    operation_key: str = ""


class Change(NamedTuple):
    """A record with its new values and version, the values that it had, and those that changed."""

    record: CrmRecord
    before: Mapping[str, JsonValue]
    after: Mapping[str, JsonValue]
    author: Author


def lock_object(connection_id: UUID, object_type: str) -> CrmObject:
    """The object, locked: records of one object are made one after another. Raises NotFoundError."""
    rows = CrmObject.objects.select_for_update().filter(connection_id=connection_id, name=object_type)
    crm_object = rows.first()
    if crm_object is None:
        raise NotFoundError(f"`{object_type}` is no object of this CRM")
    return crm_object


def lock_record(connection_id: UUID, object_type: str, record_id: str | None) -> CrmRecord:
    """The record, locked, archived or not. Raises NotFoundError."""
    rows = CrmRecord.objects.select_for_update(of=("self",)).select_related("crm_object")
    record = rows.filter(
        crm_object__connection_id=connection_id, crm_object__name=object_type, number=parse_record_id(record_id)
    ).first()
    if record is None:
        raise NotFoundError(f"`{object_type}` has no such record")
    return record


def create_record(
    crm_object: CrmObject,
    values: Mapping[str, JsonValue],
    *,
    author: Author,
    associated_with: CrmRecord | None = None,
    kept: Mapping[str, JsonValue] = MappingProxyType({}),
) -> CrmRecord:
    """A new record of a locked object, `kept` being what the CRM itself sets. Raises RejectedError."""
    _require_valid(crm_object, values, is_new=True)
    filled = {name: value for name, value in {**values, **kept}.items() if not is_empty(value)}
    if associated_with is not None:
        filled["associated_object"] = associated_with.crm_object.name
        filled["associated_id"] = str(associated_with.number)
    number = crm_object.next_number
    crm_object.next_number = number + 1
    crm_object.save(update_fields=["next_number"])
    record = CrmRecord.objects.create(
        crm_object=crm_object,
        number=number,
        title=title_of(crm_object, filled),
        values=filled,
        associated_with=associated_with,
        created_at=author.at,
        modified_at=author.at,
    )
    _remember(record, {}, filled, author)
    return record


def change_record(record: CrmRecord, values: Mapping[str, JsonValue], *, author: Author) -> None:
    """Write fields of a locked record; what is equal already is no change. Raises NotFoundError, RejectedError."""
    _require_live(record)
    _require_valid(record.crm_object, values, is_new=False)
    change = find_change(record, values, author=author)
    if change is not None:
        record.save(update_fields=_WRITTEN)
        CrmFieldChange.objects.bulk_create(changes_of(change))


def find_change(record: CrmRecord, values: Mapping[str, JsonValue], *, author: Author) -> Change | None:
    """The same laid into a locked record and not saved yet; None for no change. `values` were found valid."""
    before = record.values
    changed = {name: value for name, value in values.items() if not is_same_value(before.get(name), value)}
    if not changed:
        return None
    record.values = {name: value for name, value in {**before, **changed}.items() if not is_empty(value)}
    record.title = title_of(record.crm_object, record.values)
    _take_next_version(record, author)
    return Change(record, before, changed, author)


def changes_of(change: Change) -> list[CrmFieldChange]:
    """Its history, an unsaved entry for each field."""
    record, before, after, author = change
    return [
        CrmFieldChange(
            record=record,
            field=name,
            before=before.get(name),
            after=None if is_empty(value) else value,
            actor=author.actor,
            at=author.at,
            operation_key=author.operation_key,
        )
        for name, value in after.items()
    ]


def keep_values(record: CrmRecord, values: Mapping[str, JsonValue], *, author: Author) -> None:
    """What the CRM itself notes in a locked record: its own read-only fields, by nobody else's wish."""
    before = record.values
    changed = {name: value for name, value in values.items() if not is_same_value(before.get(name), value)}
    if changed:
        record.values = {name: value for name, value in {**before, **changed}.items() if not is_empty(value)}
        _save_next_version(record, author)
        _remember(record, before, changed, author)


def archive_record(record: CrmRecord, *, author: Author) -> None:
    """Take a locked record out of sight; its history stays. Raises NotFoundError when it is archived already."""
    _require_live(record)
    record.archived_at = author.at
    _save_next_version(record, author)


def title_of(crm_object: CrmObject, values: Mapping[str, JsonValue]) -> str:
    """What a record is called in lists: its title field, in one line of at most 300 characters."""
    return " ".join(str(values.get(crm_object.title_field, "")).split())[:300]


def _save_next_version(record: CrmRecord, author: Author) -> None:
    _take_next_version(record, author)
    record.save(update_fields=_WRITTEN)


def _take_next_version(record: CrmRecord, author: Author) -> None:
    record.version += 1  # safe: the row is locked
    record.modified_at = author.at


def _remember(
    record: CrmRecord, before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], author: Author
) -> None:
    CrmFieldChange.objects.bulk_create(changes_of(Change(record, before, after, author)))


def _require_live(record: CrmRecord) -> None:
    if record.archived_at is not None:
        raise NotFoundError(f"this record of `{record.crm_object.name}` is archived")


def _require_valid(crm_object: CrmObject, values: Mapping[str, JsonValue], *, is_new: bool) -> None:
    fields = get_fields(crm_object.pk)
    schemas = {name: field_schema(field) for name, field in fields.items()}
    complaints = find_complaints(schemas, values, is_new=is_new)
    complaints |= _dangling(crm_object, fields, {k: v for k, v in values.items() if k not in complaints})
    refuse(complaints)


def refuse(complaints: Mapping[str, str]) -> None:
    """Raises RejectedError for values that do not fit, by field; nothing without."""
    if complaints:
        told = "; ".join(f"`{name}` {complaint}" for name, complaint in complaints.items())
        raise RejectedError(told, errors=complaints)


def _dangling(crm_object: CrmObject, fields: Mapping[str, CrmField], values: Mapping[str, JsonValue]) -> dict[str, str]:
    """References to records that do not exist. One query for each reference field that is written."""
    return {
        name: f"names no record of `{fields[name].reference_object}`"
        for name, value in values.items()
        if fields[name].reference_object and not is_empty(value)
        if not _exists(crm_object.connection_id, fields[name].reference_object, value)
    }


def _exists(connection_id: UUID, object_type: str, record_id: str) -> bool:
    try:
        number = parse_record_id(record_id)
    except NotFoundError:
        return False
    rows = CrmRecord.objects.filter(crm_object__connection_id=connection_id, crm_object__name=object_type)
    return rows.filter(number=number, archived_at__isnull=True).exists()
