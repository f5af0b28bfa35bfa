"""The documents behind do-not-contact entries are neither changed nor deleted."""

from django.db import migrations

from governance.models.proof_guards import install_proof_guards, remove_proof_guards


def protect(_apps, schema_editor):
    install_proof_guards(schema_editor.connection)


def unprotect(_apps, schema_editor):
    remove_proof_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("governance", "0006_business_hours")]

    operations = [migrations.RunPython(protect, unprotect)]
