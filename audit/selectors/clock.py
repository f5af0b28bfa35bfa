"""The database's clock: the one time that decisions, expiries and events go by."""

from datetime import UTC, datetime

from django.db import connection


def get_now() -> datetime:
    """The database's current time, aware, in UTC. Doors read it once and pass it down."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            moment: datetime = cursor.fetchone()[0]
        return moment.astimezone(UTC)
    return datetime.now(UTC)  # SQLite runs in our own process: its clock is this one
