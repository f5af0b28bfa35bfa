"""The database refuses illegal transitions and changes of what was accepted, whoever asks.

A later migration that rebuilds one of these tables on SQLite drops its triggers with it and must install them again.
On PostgreSQL the large columns of a request are compressed with LZ4, which costs a fraction of the default's time
(source: PostgreSQL documentation, "ALTER TABLE … SET COMPRESSION", 14 and later); a server built without it keeps its
own. A column that changes its type forgets how it was compressed.
"""

from django.db import migrations

from approvals.models.access_review_guards import install_access_review_guards, remove_access_review_guards
from approvals.models.guards import install_guards, remove_guards

TABLE = "approvals_agentactionrequest"
LARGE_COLUMNS = ("body", "facts", "decision")
HAS_LZ4 = "SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"


def install(_apps, schema_editor):
    install_guards(schema_editor.connection)
    install_access_review_guards(schema_editor.connection)


def remove(_apps, schema_editor):
    remove_access_review_guards(schema_editor.connection)
    remove_guards(schema_editor.connection)


def compress(_apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(HAS_LZ4)
        if cursor.fetchone() is None:
            return
        for column in LARGE_COLUMNS:
            cursor.execute(f"ALTER TABLE {TABLE} ALTER COLUMN {column} SET COMPRESSION lz4")


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]

    operations = [
        migrations.RunPython(install, remove),
        migrations.RunPython(compress, migrations.RunPython.noop),
    ]
