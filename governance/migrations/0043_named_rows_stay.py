"""Credentials and agent versions are never deleted: requests name them for ever.

A later migration that rebuilds one of these tables on SQLite drops its trigger with it and must install them again.
"""

from django.db import migrations

from governance.models.named_guards import install_named_guards, remove_named_guards


def install(_apps, schema_editor):
    install_named_guards(schema_editor.connection)


def remove(_apps, schema_editor):
    remove_named_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("governance", "0042_quality")]

    operations = [migrations.RunPython(install, remove)]
