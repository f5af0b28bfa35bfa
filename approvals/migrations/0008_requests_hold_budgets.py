"""Requests say what they have taken from budgets. SQLite rebuilds the table, which drops its guards."""

from django.db import migrations, models

from approvals.models.guards import install_guards, remove_guards


def reinstall(_apps, schema_editor):
    remove_guards(schema_editor.connection)
    install_guards(schema_editor.connection)


class Migration(migrations.Migration):
    atomic = True

    dependencies = [("approvals", "0007_standing_approvals_and_touches")]

    operations = [
        migrations.AddField(
            model_name="agentactionrequest",
            name="holds",
            field=models.JSONField(default=list, help_text="What it has taken from budgets: counter and amount"),
        ),
        migrations.RunPython(reinstall, reinstall),
    ]
