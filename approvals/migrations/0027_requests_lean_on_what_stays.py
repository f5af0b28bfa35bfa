"""Constraints of requests that something else keeps already. SQLite rebuilds the table, which drops its guards."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from approvals.models.guards import install_guards, remove_guards


def reinstall(_apps, schema_editor):
    remove_guards(schema_editor.connection)
    install_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0026_decisions_are_kept_as_text"),
        ("governance", "0043_named_rows_stay"),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="agentactionrequest",
            name="request_one_live_revert",
        ),
        migrations.AlterField(
            model_name="agentactionrequest",
            name="agent_version",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.agentversion",
            ),
        ),
        migrations.AlterField(
            model_name="agentactionrequest",
            name="credential",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="agentactionrequest",
            name="policy_version",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.policyversion",
            ),
        ),
        migrations.AlterField(
            model_name="agentactionrequest",
            name="workspace",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.workspace",
            ),
        ),
        migrations.AddConstraint(
            model_name="agentactionrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("reverses__isnull", False),
                    ("status__in", ["evaluating", "pending", "approved", "held", "executing", "executed", "unknown"]),
                ),
                fields=("reverses",),
                name="request_one_live_revert",
            ),
        ),
        migrations.RunPython(reinstall, reinstall),
    ]
