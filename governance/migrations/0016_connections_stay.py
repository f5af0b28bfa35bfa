"""Connections are never deleted: requests name them for ever, and need not ask for them with a foreign key."""

from django.db import migrations

from governance.models.named_guards import install_named_guards, remove_named_guards


def remove(_apps, schema_editor):
    remove_named_guards(schema_editor.connection)


def install(_apps, schema_editor):
    install_named_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("governance", "0015_retention")]

    operations = [migrations.RunPython(remove, install), migrations.RunPython(install, remove)]
