"""The database's clock: the one time that decisions, expiries and events go by."""

from datetime import UTC, datetime

from django.db import connection

from audit.models import LedgerEvent
from audit.selectors.prepared import prepared_cursor


def get_now() -> datetime:
    """The database's current time, aware, in UTC. Doors read it once and pass it down."""
    if connection.vendor == "postgresql":
        with prepared_cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()", [])
            moment: datetime = cursor.fetchone()[0]
        return moment.astimezone(UTC)
    return datetime.now(UTC)  # SQLite runs in our own process: its clock is this one


def is_clock_behind_ledger(*, now: datetime) -> bool:
    """Whether `now` is before the newest event: the clock was set back, and expiries would come too late.

    Read once when a process starts, before it has any effect.
    """
    return LedgerEvent.objects.filter(at__gt=now).exists()
