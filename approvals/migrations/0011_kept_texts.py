"""What is written with every proposal and read whole is kept as text, and the agent behind a request is not locked for it.

Taking the same bytes as `jsonb`, and locking the agent's row, were a tenth of PostgreSQL's work for a proposal.
"""

import django.db.models.deletion
from django.db import migrations, models

import approvals.models.kept_json
from approvals.models.guards import install_guards, remove_guards
from audit.adapters.compression import compress_quickly

TABLE = "approvals_agentactionrequest"


def remove(_apps, schema_editor):
    remove_guards(schema_editor.connection)


def install(_apps, schema_editor):
    """SQLite made the table anew and lost them with the old one."""
    install_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0010_request_put_away"),
        ("audit", "0003_compression"),
        ("governance", "0008_rights_for_one_agent"),
    ]

    operations = [
        migrations.RunPython(remove, install),
        migrations.AlterField("agentactionrequest", "body", approvals.models.kept_json.KeptJsonField()),
        migrations.AlterField("agentactionrequest", "patch", approvals.models.kept_json.KeptJsonField(default=list)),
        migrations.AlterField(
            "agentactionrequest",
            "holds",
            approvals.models.kept_json.KeptJsonField(
                default=list, help_text="What it has taken from budgets: counter and amount"
            ),
        ),
        migrations.AlterField(
            "agentactionrequest",
            "agent",
            models.ForeignKey(
                null=True,
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="requests",
                to="governance.agent",
            ),
        ),
        compress_quickly(TABLE, ["body", "patch"]),
        migrations.RunPython(install, remove),
    ]
