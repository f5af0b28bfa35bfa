"""Statements that travel together: on PostgreSQL several round trips become one.

The hot path writes a row and its ledger events, and reads nothing back in between. In libpq's pipeline mode BEGIN and
the INSERTs are sent at once. Source: PostgreSQL, libpq, "Pipeline Mode"; psycopg, "Pipeline mode support".
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def pipelined() -> Iterator[None]:
    """Use it inside a transaction, around writes whose results nobody asks for: their errors rise at its end.

    So keep out what catches errors on the way, like `get_or_create`. SQLite has no trips to save.

    Commits nothing. Raises the django.db.Error of the first statement that failed.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
