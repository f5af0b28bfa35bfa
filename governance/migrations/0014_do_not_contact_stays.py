"""The database refuses to delete or alter do-not-contact entries, whoever asks."""

from django.db import migrations

from governance.models.dnc_guards import install_dnc_guards, remove_dnc_guards


def install(_apps, schema_editor):
    install_dnc_guards(schema_editor.connection)


def remove(_apps, schema_editor):
    remove_dnc_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("governance", "0013_do_not_contact")]

    operations = [migrations.RunPython(install, remove)]
