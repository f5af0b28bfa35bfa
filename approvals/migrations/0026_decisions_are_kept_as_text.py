"""Facts and decisions are kept whole, as texts: no query looks inside. SQLite rebuilds the table, which drops its guards."""

from django.db import migrations

from approvals.models.guards import install_guards, remove_guards
from approvals.models.kept_json import KeptJsonField


def reinstall(_apps, schema_editor):
    remove_guards(schema_editor.connection)
    install_guards(schema_editor.connection)


def compress(_apps, schema_editor):
    """A column that changes its type forgets how it was compressed (see 0003)."""
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)")
        if cursor.fetchone() is not None:
            for column in ("facts", "decision"):
                cursor.execute(f"ALTER TABLE approvals_agentactionrequest ALTER COLUMN {column} SET COMPRESSION lz4")


class Migration(migrations.Migration):
    dependencies = [("approvals", "0025_quality")]

    operations = [
        migrations.AlterField(
            model_name="agentactionrequest",
            name="facts",
            field=KeptJsonField(default=dict, help_text="All that the engine saw, for the second look and for replay"),
        ),
        migrations.AlterField(
            model_name="agentactionrequest",
            name="decision",
            field=KeptJsonField(default=dict),
        ),
        migrations.RunPython(reinstall, reinstall),
        migrations.RunPython(compress, compress),
    ]
