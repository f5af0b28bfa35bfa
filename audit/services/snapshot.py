"""One consistent view of the whole database for a long read, without holding up writers."""

import contextlib
from collections.abc import Iterator

from django.db import connection


@contextlib.contextmanager
def read_snapshot() -> Iterator[None]:
    """Read everything inside as of one moment. Inside a transaction that is open already, that transaction is the view.

    Raw BEGIN: Django's own blocks are READ COMMITTED on PostgreSQL (many views) and IMMEDIATE on SQLite (no writers).
    """
    if connection.in_atomic_block:
        yield
        return
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if is_postgresql else "BEGIN DEFERRED")
        try:
            if is_postgresql:
                cursor.execute("SET LOCAL statement_timeout = 0")  # a big ledger takes minutes
                cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")  # a worker for each batch costs more
            yield
        finally:
            cursor.execute("ROLLBACK")
