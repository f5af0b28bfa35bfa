"""Many rows by one statement: the hot path of every request, where the ORM's bulk_create costs several times more."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, JSONField, Model

from audit.selectors.prepared import prepared_cursor

_CHUNK = 500  # rows a statement: SQLite takes at most 32,766 parameters


def insert_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """INSERT `rows`, whose values are as the driver wants them (see `uuid_value`). Needs an open transaction."""
    table = model._meta.db_table
    one = f"({', '.join(['%s'] * len(columns))})"
    prefix = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608  # names of our own columns
    with prepared_cursor() as cursor:
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            cursor.execute(prefix + ", ".join([one] * len(chunk)), [value for row in chunk for value in row])


def insert_row(row: Model) -> None:
    """INSERT one new row by a prepared statement. The instance itself stays as it is. Needs an open transaction."""
    fields, database = row._meta.concrete_fields, connections[DEFAULT_DB_ALIAS]
    values = [_prepared(field, getattr(row, field.attname), database) for field in fields]
    insert_rows(type(row), [str(field.column) for field in fields], [values])


def _prepared(field: "Field[Any, Any]", value: Any, database: BaseDatabaseWrapper) -> Any:
    if value is None:
        return None
    if isinstance(field, JSONField):
        return msgspec.json.encode(value).decode()
    return field.get_db_prep_save(value, database)


def uuid_value(value: Any) -> Any:
    """A UUID as this database stores it."""
    return value if connection.features.has_native_uuid_field else value.hex


def time_value(value: Any) -> Any:
    """An aware time as this database stores it."""
    return connection.ops.adapt_datetimefield_value(value)
