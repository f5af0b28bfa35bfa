"""One transaction whose statements travel together: on PostgreSQL five round trips become one.

The hot path writes a row and its ledger events, and reads nothing back in between. In libpq's pipeline mode BEGIN, the
INSERTs and COMMIT are sent at once; a statement that fails undoes all, and its error rises when the block is left.
Source: PostgreSQL documentation, libpq, "Pipeline Mode"; psycopg documentation, "Pipeline mode support".
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def pipelined_transaction() -> Iterator[None]:
    """`transaction.atomic()`, with what is written sent at the end. A read inside works and costs a round trip.

    Within an outer transaction, and on SQLite, which has no trips to save, it is plain `atomic()`. Commits on leaving;
    raises django.db.Error of any statement of the block there, at the latest.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    connection.ensure_connection()
    with connection.connection.pipeline(), transaction.atomic():
        yield
