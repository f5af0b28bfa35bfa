"""What PostgreSQL looked at with every proposal for nothing: a connection that is never deleted, and two counts.

The constraint on the connection locked its row and wrote that down; the two CHECKs were read anew each time. That
epoch and attempts never fall is the trigger's now. Short texts are no longer compressed along with the long ones.
"""

import django.db.models.deletion
from django.db import migrations, models

from approvals.models.guards import install_guards, remove_guards
from audit.adapters.compression import keep_plain

TABLE = "approvals_agentactionrequest"
CANARY = "request_canary_never_runs"


def remove(_apps, schema_editor):
    remove_guards(schema_editor.connection)


def install(_apps, schema_editor):
    """SQLite made the table anew and lost them with the old one."""
    install_guards(schema_editor.connection)


def shorten(_apps, schema_editor):
    """The same condition with its list as one constant, as Django does not write it: PostgreSQL reads it with each row."""
    if schema_editor.connection.vendor == "postgresql":
        waiting = "'{pending,denied,expired,cancelled}'::text[]"
        condition = f"actor_type::text <> 'canary' OR status::text = ANY ({waiting})"
        drop, add = f"DROP CONSTRAINT {CANARY}", f"ADD CONSTRAINT {CANARY} CHECK ({condition})"
        schema_editor.execute(f"ALTER TABLE {TABLE} {drop}, {add}", params=None)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0023_openings_of_trace_links"), ("governance", "0016_connections_stay")]

    operations = [
        migrations.RunPython(remove, install),
        migrations.AlterField(
            "agentactionrequest",
            "connection",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.connection",
            ),
        ),
        migrations.AlterField("agentactionrequest", "epoch", models.IntegerField(default=0)),
        migrations.AlterField("agentactionrequest", "attempts_count", models.SmallIntegerField(default=0)),
        migrations.RunPython(shorten, migrations.RunPython.noop),
        keep_plain(TABLE, ["body", "patch", "holds"]),
        migrations.RunPython(install, remove),
    ]
