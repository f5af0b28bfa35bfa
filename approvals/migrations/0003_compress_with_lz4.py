"""PostgreSQL: compress the large columns of a request with LZ4, which costs a fraction of the default's time.

Source: PostgreSQL documentation, "ALTER TABLE … SET COMPRESSION" (14 and later). A server built without it keeps its own.
"""

from django.db import migrations

TABLE = "approvals_agentactionrequest"
COLUMNS = ("body", "facts", "decision")
HAS_LZ4 = "SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"


def compress(_apps, schema_editor):
    _set(schema_editor, "lz4")


def leave_to_the_server(_apps, schema_editor):
    _set(schema_editor, "default")


def _set(schema_editor, method):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(HAS_LZ4)
        if cursor.fetchone() is None:
            return
    for column in COLUMNS:
        schema_editor.execute(f"ALTER TABLE {TABLE} ALTER COLUMN {column} SET COMPRESSION {method}", params=None)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_guards")]

    operations = [migrations.RunPython(compress, leave_to_the_server)]
