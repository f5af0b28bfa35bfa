"""The database keeps access reviews as they were taken and decided.

A later migration that rebuilds one of these tables on SQLite drops the triggers with it and must install them again.
"""

from django.db import migrations

from approvals.models.access_review_guards import install_access_review_guards, remove_access_review_guards


def install(_apps, schema_editor):
    install_access_review_guards(schema_editor.connection)


def remove(_apps, schema_editor):
    remove_access_review_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0009_access_reviews")]

    operations = [migrations.RunPython(install, remove)]
