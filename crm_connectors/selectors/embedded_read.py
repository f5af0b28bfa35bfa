"""Reading one record: the only read on the way of every proposal, so it is one prepared statement and no ORM.

The ORM spends many times longer on building this query than the database on answering it; all other reads are plain
Django in `embedded_records`. A statement that knows connection, object and number may read the record along
(`RECORD_COLUMNS` from `RECORD_JOIN`), as intake's does.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection as database

from audit.selectors.prepared import prepared_cursor
from crm_connectors.domain.record import Record
from crm_connectors.models import CrmField, CrmObject, CrmRecord
from crm_connectors.port import NotFoundError
from governance.models import Connection

_RECORD_ID = re.compile(r"[1-9][0-9]{0,17}")  # canonical: `0101` and full-width digits name no record
_JOIN_NAMES = {"postgresql": "string_agg", "sqlite": "group_concat"}

RECORD_COLUMNS = {
    vendor: f"""
       record.number, record.version, record."values", record.modified_at,
       (SELECT {join}(field.name, '\n') FROM {CrmField._meta.db_table} field
        WHERE field.crm_object_id = record.crm_object_id)"""  # noqa: S608 (table names are ours)
    for vendor, join in _JOIN_NAMES.items()
}
"""What `read_stored` reads, by database."""

RECORD_WIDTH = 5

RECORD_JOIN = f"""
LEFT JOIN {CrmObject._meta.db_table} object ON object.connection_id = c.id AND object.name = %s
LEFT JOIN {CrmRecord._meta.db_table} record
       ON record.crm_object_id = object.id AND record.number = %s AND record.archived_at IS NULL"""
"""The record of a connection `c`, by its object's name and its number; all NULL where there is none."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it is stored, with the name of every field that its object has.

    A field that is empty and one that does not exist look alike in the stored values.
    """

    object_type: str
    number: int
    version: int
    values: str
    modified_at: datetime
    fields: frozenset[str]

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
        cursor.execute(_statement(database.vendor), [object_type, number, key])
        row = cursor.fetchone()
    stored = read_stored(row, object_type) if row is not None else None
    if stored is None:
        raise NotFoundError(f"`{object_type}` has no such record")
    return stored.pick(fields)


def read_stored(row: Sequence[Any], object_type: str) -> StoredRecord | None:
    """The record in the columns of `RECORD_COLUMNS`, None where there was none."""
    number, version, values, modified_at, names = row
    if number is None:
        return None
    return StoredRecord(object_type, number, version, values, _moment(modified_at), frozenset(names.split("\n")))


@cache
def _statement(vendor: str) -> str:
    """A row for every connection: what is not there comes as NULL."""
    table = Connection._meta.db_table
    return f"SELECT {RECORD_COLUMNS[vendor]} FROM {table} c {RECORD_JOIN} WHERE c.id = %s"  # noqa: S608 (as above)


def _moment(stored: datetime) -> datetime:
    """SQLite keeps times without a zone, in UTC."""
    return stored if stored.tzinfo is not None else stored.replace(tzinfo=UTC)
