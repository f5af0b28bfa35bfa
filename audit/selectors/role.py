"""Who we are in the database."""

from django.db import connection


def get_runtime_role() -> str:
    """The user part of DATABASE_URL, as settings hold it; "" on SQLite."""
    return str(connection.settings_dict.get("USER") or "")
