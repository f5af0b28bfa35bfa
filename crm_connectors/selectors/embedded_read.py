"""Reading one record: the only read on the way of every proposal, so it is one prepared statement and no ORM.

The ORM spends many times longer on building this query than the database on answering it; all other reads are plain
Django in `embedded_records`.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection as database

from audit.selectors.prepared import prepared_cursor
from crm_connectors.domain.record import Record
from crm_connectors.models import CrmField, CrmObject, CrmRecord
from crm_connectors.port import NotFoundError

_RECORD_ID = re.compile(r"[1-9][0-9]{0,17}")  # canonical: `0101` and full-width digits name no record
_STATEMENT = f"""
    SELECT record.number, record.version, record."values", record.modified_at,
           (SELECT COUNT(*) FROM {CrmField._meta.db_table} field
             WHERE field.crm_object_id = record.crm_object_id AND field.name IN (%s{{more}}))
      FROM {CrmRecord._meta.db_table} record
      JOIN {CrmObject._meta.db_table} object ON object.id = record.crm_object_id
     WHERE object.connection_id = %s AND object.name = %s AND record.number = %s AND record.archived_at IS NULL
"""  # noqa: S608 (table names are ours; every value is a bound parameter)


def is_record_id(record_id: str) -> bool:
    """Whether a record could be called this."""
    return _RECORD_ID.fullmatch(record_id) is not None


def parse_record_id(record_id: str | None) -> int:
    """A record's number. Raises NotFoundError for what no record can be called."""
    if record_id is None or not is_record_id(record_id):
        raise NotFoundError("no record has such an id")
    return int(record_id)


def get_record(connection_id: UUID, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
    """One record with exactly these fields. One query. Raises NotFoundError for an unknown record, object or field.

    A field that is empty and one that does not exist look alike in the stored values, so the same query counts how
    many of the fields asked for the schema knows.
    """
    number, names = parse_record_id(record_id), sorted(set(fields))
    key = connection_id if database.vendor == "postgresql" else connection_id.hex  # as Django stores a UUID
    statement = _STATEMENT.format(more=", %s" * (len(names) - 1))
    with prepared_cursor() as cursor:
        cursor.execute(statement, [*(names or [""]), key, object_type, number])
        row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"`{object_type}` has no such record")
    if row[4] != len(names):
        raise NotFoundError(f"a field asked for is not a field of `{object_type}`")
    stored = json.loads(row[2])
    return Record(
        object=object_type,
        id=str(row[0]),
        version=str(row[1]),
        values={name: stored.get(name) for name in fields},
        modified_at=_moment(row[3]),
    )


def _moment(stored: datetime) -> datetime:
    """SQLite keeps times without a zone, in UTC."""
    return stored if stored.tzinfo is not None else stored.replace(tzinfo=UTC)
