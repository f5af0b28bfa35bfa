"""What was in force everywhere is in force in each environment; and a release cannot be changed or deleted."""

from django.db import migrations

TABLE = "governance_policyrelease"
SAME_ROW = "id = NEW.id OR (workspace_id = NEW.workspace_id AND environment = NEW.environment AND number = NEW.number)"
POSTGRESQL = (
    f"""
    CREATE TRIGGER {TABLE}_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse_policy_change()
    """,
    f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_immutable",
)
# The guard on INSERT: a REPLACE deletes the old row without firing a DELETE trigger.
SQLITE_EVENTS = (
    ("update", "UPDATE", ""),
    ("delete", "DELETE", ""),
    (
        "replace",
        "INSERT",
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE {SAME_ROW})",  # noqa: S608 - constants of this module
    ),
)


def carry_over(apps, _schema_editor):
    version = apps.get_model("governance", "PolicyVersion")
    release = apps.get_model("governance", "PolicyRelease")
    newest = {row.workspace_id: row for row in version.objects.defer("document").order_by("number")}
    for row in newest.values():
        for environment in ("sandbox", "production"):
            release.objects.create(
                workspace_id=row.workspace_id,
                environment=environment,
                number=1,
                version_id=row.pk,
                released_by_id=row.published_by_id,
                reason=row.reason,
                created_at=row.created_at,
            )


def protect(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        statements = POSTGRESQL
    else:
        statements = tuple(
            f"CREATE TRIGGER {TABLE}_no_{name} BEFORE {event} ON {TABLE} FOR EACH ROW {condition} "
            "BEGIN SELECT RAISE(ABORT, 'a release of policy is immutable'); END"
            for name, event, condition in SQLITE_EVENTS
        )
    for statement in statements:
        schema_editor.execute(statement, params=None)


def unprotect(_apps, schema_editor):
    names = [f"{TABLE}_no_{name}" for name, _event, _condition in SQLITE_EVENTS]
    if schema_editor.connection.vendor == "postgresql":
        names = [f"{TABLE}_immutable ON {TABLE}"]
    for name in names:
        schema_editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("governance", "0007_releases_golden_cases_and_backtests")]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RunPython(protect, unprotect),
    ]
