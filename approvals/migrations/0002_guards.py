"""The database refuses illegal transitions and changes of what was accepted, whoever asks.

A later migration that rebuilds the table on SQLite drops these triggers with it and must install them again.
"""

from django.db import migrations

from approvals.models.guards import install_guards, remove_guards


def install(_apps, schema_editor):
    install_guards(schema_editor.connection)


def remove(_apps, schema_editor):
    remove_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
