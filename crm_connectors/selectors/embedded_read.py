"""Reading one record: the only read on the way of every proposal, so it is one prepared statement and no ORM.

The ORM spends many times longer on building this query than the database on answering it; all other reads are plain
Django in `embedded_records`. A statement that knows connection, object and number may read the record along
(`RECORD_COLUMNS` from `RECORD_JOIN`), as intake's does, with the newest change of the fields that it is about.
"""

import json
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection as database

from audit.selectors.prepared import prepared_cursor
from crm_connectors.domain.record import HistoryEntry, Record
from crm_connectors.models import CrmField, CrmFieldChange, CrmObject, CrmRecord
from crm_connectors.port import NotFoundError
from governance.models import Connection

_RECORD_ID = re.compile(r"[1-9][0-9]{0,17}")  # canonical: `0101` and full-width digits name no record
_JOIN_NAMES = {"postgresql": "string_agg", "sqlite": "group_concat"}
_SQLITE_VALUES = "json(newest.before), json(newest.after)"  # text there, and no JSON yet
_ENTRY = "newest.field, newest.before, newest.after, newest.actor, newest.at, newest.operation_key"
_AS_TEXT = {"postgresql": "{}::text", "sqlite": "{}"}  # read by one call instead of the driver's and Django's loaders
_CHANGES = CrmFieldChange._meta.db_table
_NEWEST = {
    "postgresql": f"""
       (SELECT json_agg(json_build_array({_ENTRY}))::text
        FROM (SELECT DISTINCT ON (h.field) h.* FROM {_CHANGES} h
              WHERE h.record_id = record.id AND h.field IN (SELECT jsonb_array_elements_text(%s::jsonb))
              ORDER BY h.field, h.id DESC) newest)""",  # noqa: S608 (table names are ours)
    "sqlite": f"""
       (SELECT json_group_array(json_array({_ENTRY.replace("newest.before, newest.after", _SQLITE_VALUES)}))
        FROM (SELECT h.*, MAX(h.id) FROM {_CHANGES} h
              WHERE h.record_id = record.id AND h.field IN (SELECT value FROM json_each(%s))
              GROUP BY h.field) newest)""",  # noqa: S608 (as above)
}

RECORD_COLUMNS = {
    vendor: f"""
       record.number, record.version, record."values", {_AS_TEXT[vendor].format("record.modified_at")},
       (SELECT {join}(field.name, '\n') FROM {CrmField._meta.db_table} field
        WHERE field.crm_object_id = record.crm_object_id),{_NEWEST[vendor]}"""  # noqa: S608 (as above)
    for vendor, join in _JOIN_NAMES.items()
}
"""What `read_stored` reads, by database. Its one parameter is `dump_names` of the fields whose changes are wanted."""

RECORD_WIDTH = 6

RECORD_JOIN = f"""
LEFT JOIN {CrmObject._meta.db_table} object ON object.connection_id = c.id AND object.name = %s
LEFT JOIN {CrmRecord._meta.db_table} record
       ON record.crm_object_id = object.id AND record.number = %s AND record.archived_at IS NULL"""
"""The record of a connection `c`, by its object's name and its number; all NULL where there is none."""


class StoredRecord(msgspec.Struct, frozen=True):
    """A record as it is stored, with the name of every field that its object has.

    A field that is empty and one that does not exist look alike in the stored values. `newest` are the newest changes
    of the `followed` fields.
    """

    object_type: str
    number: int
    version: int
    values: str
    modified_at: datetime
    fields: frozenset[str]
    followed: frozenset[str]
    newest: tuple[HistoryEntry, ...]

    def is_named(self, object_type: str, record_id: str) -> bool:
        """Whether this is the record of such an id."""
        return self.object_type == object_type and str(self.number) == record_id

    def pick(self, fields: Sequence[str]) -> Record:
        """The record with exactly these fields. Raises NotFoundError for an unknown one."""
        if not self.fields.issuperset(fields):
            raise NotFoundError(f"a field asked for is not a field of `{self.object_type}`")
        stored = json.loads(self.values)
        return Record(
            object=self.object_type,
            id=str(self.number),
            version=str(self.version),
            values={name: stored.get(name) for name in fields},
            modified_at=self.modified_at,
        )

    def pick_newest(self, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
        """The newest change of each of these `followed` fields, by name."""
        return tuple(entry for entry in self.newest if entry.field in fields)


def dump_names(fields: Collection[str]) -> str:
    """The names of fields as the one parameter of `RECORD_COLUMNS`."""
    return json.dumps(list(fields))


def is_record_id(record_id: str) -> bool:
    """Whether a record could be called this."""
    return _RECORD_ID.fullmatch(record_id) is not None


def parse_record_id(record_id: str | None) -> int:
    """A record's number. Raises NotFoundError for what no record can be called."""
    if record_id is None or not is_record_id(record_id):
        raise NotFoundError("no record has such an id")
    return int(record_id)


def get_record(connection_id: UUID, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
    """One record with exactly these fields. One query. Raises NotFoundError for an unknown record, object or field."""
    number = parse_record_id(record_id)
    key = connection_id if database.vendor == "postgresql" else connection_id.hex  # as Django stores a UUID
    with prepared_cursor() as cursor:
        cursor.execute(_statement(database.vendor), [dump_names(()), object_type, number, key])
        row = cursor.fetchone()
    stored = read_stored(row, object_type) if row is not None else None
    if stored is None:
        raise NotFoundError(f"`{object_type}` has no such record")
    return stored.pick(fields)


def read_stored(row: Sequence[Any], object_type: str, followed: Collection[str] = ()) -> StoredRecord | None:
    """The record in the columns of `RECORD_COLUMNS`, None where there was none."""
    number, version, values, modified_at, names, newest = row
    if number is None:
        return None
    return StoredRecord(
        object_type=object_type,
        number=number,
        version=version,
        values=values,
        modified_at=_moment(modified_at),
        fields=frozenset(names.split("\n")),
        followed=frozenset(followed),
        newest=tuple(map(_entry, json.loads(newest or "[]"))),
    )


def _entry(row: list[Any]) -> HistoryEntry:
    field, before, after, actor, at, operation_key = row
    return HistoryEntry(
        field=field, before=before, after=after, actor=actor, at=_moment(at), operation_key=operation_key
    )


@cache
def _statement(vendor: str) -> str:
    """A row for every connection: what is not there comes as NULL."""
    table = Connection._meta.db_table
    return f"SELECT {RECORD_COLUMNS[vendor]} FROM {table} c {RECORD_JOIN} WHERE c.id = %s"  # noqa: S608 (as above)


def _moment(stored: datetime | str) -> datetime:
    """SQLite keeps times without a zone, in UTC."""
    if isinstance(stored, str):
        stored = datetime.fromisoformat(stored)
    return stored if stored.tzinfo is not None else stored.replace(tzinfo=UTC)
