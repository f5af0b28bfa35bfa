"""Rows that many tests begin with: built once by the product's services, then put back as they lay in the tables."""

import functools
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

from tests.emptying import tables_with_rows

FILLED_BY_TRIGGERS = frozenset({"audit_pendingevent"})


@dataclass(frozen=True)
class Kept:
    """What a builder left: each table's rows in the database's own words, and what it returned."""

    rows: dict[str, Any]
    returned: bytes


P = ParamSpec("P")
T = TypeVar("T")

_KEPT: dict[Any, Kept] = {}


def kept(build: Callable[P, T]) -> Callable[P, T]:
    """The first call with these arguments builds; later ones put its rows back, wherever nothing is in the way.

    Every test of a process then has the same ids and times. A call that finds rows (a second workspace) builds.
    """

    @functools.wraps(build)
    def bring(*args: P.args, **kwargs: P.kwargs) -> T:
        if tables_with_rows():
            return build(*args, **kwargs)
        key = (build.__name__, args, tuple(sorted(kwargs.items())))
        if key not in _KEPT:
            built = build(*args, **kwargs)
            _KEPT[key] = Kept(_read(tables_with_rows()), pickle.dumps(built))
            return built
        with transaction.atomic():  # foreign keys are looked at once all rows are there
            _write(_KEPT[key].rows)
        returned: T = pickle.loads(_KEPT[key].returned)  # noqa: S301  # our own bytes of a moment ago
        return returned

    return bring


def _read(tables: list[str]) -> dict[str, Any]:
    read = _read_sqlite if connection.vendor == "sqlite" else _read_postgresql
    return {table: read(table) for table in tables if table not in FILLED_BY_TRIGGERS}


def _write(rows: dict[str, Any]) -> None:
    write = _write_sqlite if connection.vendor == "sqlite" else _write_postgresql
    for table, content in rows.items():
        write(table, content)


def _read_sqlite(table: str) -> str:
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        quoted = " || ',' || ".join(f'quote("{column}")' for column in columns)
        cursor.execute(f'SELECT {quoted} FROM "{table}"')  # noqa: S608  # names of our own tables
        rows = ",".join(f"({row})" for (row,) in cursor.fetchall())
    names = ",".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES {rows}'  # noqa: S608


def _write_sqlite(_table: str, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _read_postgresql(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(bytes(part) for part in copy)


def _write_postgresql(table: str, content: bytes) -> None:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
        copy.write(content)
