"""The lock between claims and stops: claims share it, a stop takes it alone (KIL-01).

Looking at the switches and then claiming is a race; measured, dozens of claims committed after the stop had returned.
With the advisory lock every claim either commits before the stop or sees it. SQLite needs no lock of its own: every
transaction is IMMEDIATE, so claim and stop are one after the other already.
"""

from datetime import UTC, datetime

from django.db import connection, transaction

from audit.selectors.clock import get_now
from audit.selectors.prepared import prepared_cursor

_KEY = 4_741_031  # any fixed number: the namespace of advisory locks belongs to this product's database
# Offset 0 keeps the planner from merging the two: the clock is read when the lock is held.
_SHARED = f"SELECT clock_timestamp() FROM (SELECT pg_advisory_xact_lock_shared({_KEY}) OFFSET 0) AS held"  # noqa: S608  # our own
_NO_LIMITS = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; "


def hold_shared() -> datetime:
    """Held to the end of the caller's transaction; read the switches after it, then claim. Returns the time then.

    Raises TransactionManagementError outside a transaction, where the lock would end at once.
    """
    _require_transaction()
    if connection.vendor != "postgresql":
        return get_now()
    with prepared_cursor() as cursor:
        cursor.execute(_SHARED, [])
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


def hold_exclusive(*, however_long: bool = False) -> None:
    """Waits for running claims, keeps new ones waiting, to the end of the caller's transaction. `however_long` lifts
    the deployment's time limits for this transaction: a stop does not give up because claims are slow."""
    _require_transaction()
    if connection.vendor != "postgresql":
        return
    first = _NO_LIMITS if however_long else ""
    with connection.cursor() if first else prepared_cursor() as cursor:  # what is prepared is one statement
        cursor.execute(f"{first}SELECT pg_advisory_xact_lock({_KEY})")


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the kill lock is held to the end of a transaction: begin one")
