"""Connections are never deleted: requests name them for ever, and need not ask for them with a foreign key."""

from django.db import migrations

from governance.models.named_guards import AT_FIRST, install_named_guards, remove_named_guards


def remove(_apps, schema_editor):
    remove_named_guards(schema_editor.connection)


def install_first(_apps, schema_editor):
    """As they were before."""
    install_named_guards(schema_editor.connection, AT_FIRST)


def install(_apps, schema_editor):
    install_named_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("governance", "0015_retention")]

    operations = [migrations.RunPython(remove, install_first), migrations.RunPython(install, remove)]
