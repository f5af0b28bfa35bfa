"""The lock between sends and the do-not-contact list: an entry that is committed before a send begins stops it (§8.4).

A gate looks at the list and then commits "the send has begun"; between the two an entry could slip in unseen. Gates
share the lock from before their look until their commit; whoever adds takes it alone as the last thing before the own
commit, and so waits for the running gates only. On SQLite every transaction is IMMEDIATE: one after the other already.
"""

from django.db import connection, transaction

_KEY = 4_741_032


def hold_dnc_shared() -> None:
    """Held to the end of the caller's transaction: ask the list after it. Raises TransactionManagementError outside."""
    _hold("pg_advisory_xact_lock_shared")


def hold_dnc_exclusive() -> None:
    """Waits for gates under way, keeps new ones waiting to the end of the caller's transaction: take it last."""
    _hold("pg_advisory_xact_lock")


def _hold(function: str) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the lock is held to the end of a transaction: begin one")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_KEY])
