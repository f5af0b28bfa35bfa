"""One sequencer at a time: the tree grows at one end."""

from django.db import connection

_SEQUENCER_LOCK = 4_914_001  # an arbitrary number that no other advisory lock of the product uses


def hold_sequencer_lock() -> None:
    """Wait for the sequencer's lock and hold it to the end of the transaction, which must be open.

    SQLite needs none: its transactions are IMMEDIATE, one writer at a time. Business transactions never take it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEQUENCER_LOCK])
