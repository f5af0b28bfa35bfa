"""An approved request may become `failed` without a claim: a person put the queue away (KIL-01)."""

from django.db import migrations

from approvals.models.guards import install_guards, remove_guards


def reinstall(_apps, schema_editor):
    remove_guards(schema_editor.connection)
    install_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_compress_with_lz4")]

    operations = [migrations.RunPython(reinstall, reinstall)]
