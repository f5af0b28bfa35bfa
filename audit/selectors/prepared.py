"""Cursors whose statements PostgreSQL plans once per connection: for the few fixed statements of the hot path.

Django binds on the client and so has each statement parsed and planned anew. Through a pooler in transaction mode this
needs one that knows prepared statements (PgBouncer ≥ 1.21). Source: psycopg documentation, "Prepared statements".
"""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.utils import CursorWrapper

FLUSH = "SELECT pg_logical_emit_message(TRUE, '', '')::text"
"""Commits an entry of the log that says nothing: it is on disk when this returns, and all before it."""

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_pack_time = struct.Struct("!q").pack


class RawUuid(bytes):
    """The 16 bytes of a UUID, a parameter of a prepared statement on PostgreSQL."""


class RawTime(bytes):
    """A `timestamptz` as PostgreSQL sends and takes it in binary, a parameter of a prepared statement."""


def raw_time(value: datetime) -> RawTime:
    """An aware time in that form: microseconds since the year 2000, UTC, eight bytes, the highest first.

    Source: PostgreSQL, src/backend/utils/adt/timestamp.c, `timestamptz_recv`.
    """
    return RawTime(_pack_time((value - _FIRST) // _MICROSECOND))


def prepared_cursor(*, is_binary: bool = False, frees_early: bool = False) -> CursorWrapper:
    """A cursor (close it: `with`) for `execute` with `%s` parameters of plain types; on SQLite the usual one.

    Statements count and log as any other. Text parameters next to other types want a cast in the statement.
    `is_binary` spares PostgreSQL and us the hexadecimal digits of large bytes. `frees_early` where one statement is a
    transaction that need not hold its locks until the disk has it (docs/adr/0023).
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        return database.cursor()
    # The driver need not exist for SQLite.
    from audit.selectors.early_commit_postgresql import EarlyCommitCursor
    from audit.selectors.prepared_postgresql import PreparedCursor

    database.close_if_health_check_failed()  # as Django's own cursors: once between two requests or tasks
    database.ensure_connection()
    wrap: Any = database._prepare_cursor  # type: ignore[attr-defined]  # noqa: SLF001  # errors and counts as usual
    kind = EarlyCommitCursor if frees_early else PreparedCursor
    cursor: CursorWrapper = wrap(kind(database.connection, is_binary=is_binary))
    return cursor


def fetch_first(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row of a call's first statement, which doubles as the health check of a connection kept from before.

    A connection that the server has closed meanwhile is opened anew, once; only outside a transaction, where nothing
    is lost by it. Saves the round trip of a check of its own. Raises django.db.Error.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.connection is None or database.in_atomic_block:
        return _fetch(statement, parameters)
    database.health_check_done = True  # type: ignore[attr-defined]  # the stubs do not know it
    try:
        return _fetch(statement, parameters)
    except OperationalError:
        if database.is_usable():  # a statement given up for its time or a lock, say: once more would double the load
            raise
        database.close()
        return _fetch(statement, parameters)


def _fetch(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    with prepared_cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
