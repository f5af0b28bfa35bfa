"""How PostgreSQL compresses the long values of the hot path: with LZ4, at a fifth of the work of its own method.

Source: PostgreSQL, "ALTER TABLE … SET COMPRESSION" (14 and later) and `default_toast_compression`. A server built
without LZ4 keeps its own method; SQLite compresses nothing.
"""

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import StateApps

_KNOWS_LZ4 = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"


def compress_quickly(table: str, columns: Sequence[str]) -> RunPython:
    """A migration's operation: what is written to these columns from now on is compressed by LZ4."""

    def set_compression(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor != "postgresql" or not _knows_lz4(schema_editor):
            return
        changes = ", ".join(f"ALTER COLUMN {column} SET COMPRESSION lz4" for column in columns)
        schema_editor.execute(f"ALTER TABLE {table} {changes}", params=None)

    return RunPython(set_compression, RunPython.noop)


def keep_plain(table: str, columns: Sequence[str]) -> RunPython:
    """A migration's operation: what is written to these columns is compressed only where a row would not fit without.

    For texts of some hundred bytes, which would else be compressed whenever a longer one of the row is: each costs as
    much as one of several thousand. Source: PostgreSQL, "TOAST", storage `MAIN`.
    """

    def set_storage(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            changes = ", ".join(f"ALTER COLUMN {column} SET STORAGE MAIN" for column in columns)
            schema_editor.execute(f"ALTER TABLE {table} {changes}", params=None)

    return RunPython(set_storage, RunPython.noop)


def _knows_lz4(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_KNOWS_LZ4)
        row = cursor.fetchone()
    return bool(row and row[0])
