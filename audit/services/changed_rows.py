"""Rows that are changed or locked by their keys, one or a hundred by the same statement: beside `audit.services.rows`.

A change that falls short of its rows takes back all that goes along with it (`Guard`): who comes second to a row finds
it with other keys, and writes nothing.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from audit.selectors.prepared import prepared_cursor
from audit.services.rows import Guard, GuardFailedError, value_writers


def change_rows(
    model: type[Model], *, keys: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[Any]], only: str = ""
) -> Guard:
    """The UPDATE of `columns` where `keys` are as told; each row holds the values of keys and columns, in their order.

    Names are attributes (`agent_id`), values as an instance holds them, those of keys never None; `only` is one more
    condition on the table, in SQL without parameters. Requires that no two rows meet one.
    """
    names = (*keys, *columns)
    table = model._meta.db_table
    told = ", ".join(f"{_column(model, name)} = v.column{place}" for place, name in enumerate(columns, len(keys) + 1))
    statement = (
        f"UPDATE {table} SET {told} FROM ({_list(model, names, len(rows))}) AS v WHERE {_met(model, keys, only)}"  # noqa: S608  # our own names
    )
    return Guard(f"{statement} RETURNING {table}.{_column(model, keys[0])}", _bind(model, names, rows), len(rows))


def lock_rows(model: type[Model], *, keys: Sequence[str], rows: Sequence[Sequence[Any]], only: str = "") -> Guard:
    """The rows where `keys` are as told, locked to the end of the transaction in the order of the first key."""
    table, first = model._meta.db_table, _column(model, keys[0])
    statement = (
        f"SELECT {table}.{first} FROM {table}, ({_list(model, keys, len(rows))}) AS v WHERE {_met(model, keys, only)}"  # noqa: S608  # our own names
    )
    lock = f" ORDER BY {table}.{first} FOR UPDATE OF {table}" if connection.features.has_select_for_update else ""
    return Guard(f"{statement}{lock}", _bind(model, keys, rows), len(rows))


def write_changes(*guards: Guard) -> None:
    """Changes by themselves, in the caller's transaction, which must roll back when this raises. A statement each.

    Raises GuardFailedError, django.db.Error."""
    for guard in guards:
        with prepared_cursor() as cursor:
            cursor.execute(guard.statement, guard.parameters)
            if len(cursor.fetchall()) != guard.count:
                raise GuardFailedError("a row was changed by another meanwhile")


def change_found(change: Guard) -> frozenset[UUID]:
    """The change where its rows are as told, in the caller's transaction: the ids (its first key) of those that were.

    One statement. Raises django.db.Error."""
    with prepared_cursor() as cursor:
        cursor.execute(change.statement, change.parameters)
        return frozenset(UUID(str(found)) for (found,) in cursor.fetchall())


def _met(model: type[Model], keys: Sequence[str], only: str) -> str:
    table = model._meta.db_table
    conditions = [f"{table}.{_column(model, name)} = v.column{place}" for place, name in enumerate(keys, 1)]
    return " AND ".join([*conditions, *([f"({only})"] if only else [])])


def _list(model: type[Model], names: Sequence[str], count: int) -> str:
    """VALUES with as many rows; PostgreSQL wants to be told their types."""
    row = ", ".join(_placeholder(model, name) for name in names)
    return f"VALUES {', '.join([f'({row})'] * count)}"


def _bind(model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Any]:
    writers = value_writers(model)
    return [
        value if value is None or type(value) in writers[name][0] else writers[name][1](value)
        for row in rows
        for name, value in zip(names, row, strict=True)
    ]


@cache
def _column(model: type[Model], name: str) -> str:
    column = next(field.column for field in model._meta.concrete_fields if field.attname == name)
    return str(connection.ops.quote_name(str(column)))  # one is called `values`


@cache
def _placeholder(model: type[Model], name: str) -> str:
    field = next(field for field in model._meta.concrete_fields if field.attname == name)
    kind = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    return f"%s::{kind}" if connection.vendor == "postgresql" else "%s"
