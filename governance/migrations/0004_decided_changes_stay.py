"""The database keeps two-person changes as they were proposed and decided.

A later migration that rebuilds one of these tables on SQLite drops the triggers with it and must install them again.
"""

from django.db import migrations

from governance.models.change_guards import install_change_guards, remove_change_guards


def install(_apps, schema_editor):
    install_change_guards(schema_editor.connection)


def remove(_apps, schema_editor):
    remove_change_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("governance", "0003_two_person_changes")]

    operations = [migrations.RunPython(install, remove)]
