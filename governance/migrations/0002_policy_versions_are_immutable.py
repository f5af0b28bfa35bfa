"""Triggers: a published policy cannot be changed or deleted, in both databases."""

from django.db import migrations

TABLE = "governance_policyversion"
SAME_ROW = "id = NEW.id OR (workspace_id = NEW.workspace_id AND number = NEW.number)"
POSTGRESQL = (
    """
    CREATE FUNCTION governance_refuse_policy_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a published policy is immutable: % on % refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    f"""
    CREATE TRIGGER {TABLE}_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse_policy_change()
    """,
    f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_immutable",
)
POSTGRESQL_REVERSE = (
    f"DROP TRIGGER {TABLE}_immutable ON {TABLE}",
    "DROP FUNCTION governance_refuse_policy_change()",
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


def sqlite_statements():
    for name, event, condition in SQLITE_EVENTS:
        yield (
            f"CREATE TRIGGER {TABLE}_no_{name} BEFORE {event} ON {TABLE} FOR EACH ROW {condition} "
            "BEGIN SELECT RAISE(ABORT, 'a published policy is immutable'); END"
        )


def protect(_apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in POSTGRESQL if vendor == "postgresql" else sqlite_statements():
        schema_editor.execute(statement, params=None)


def unprotect(_apps, schema_editor):
    sqlite = [f"DROP TRIGGER {TABLE}_no_{name}" for name, _event, _condition in SQLITE_EVENTS]
    for statement in POSTGRESQL_REVERSE if schema_editor.connection.vendor == "postgresql" else sqlite:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    # The libraries whose tables hang on ours come next, while there are few models to carry along: that is faster.
    dependencies = [
        ("governance", "0001_initial"),
        ("guardian", "0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]

    operations = [migrations.RunPython(protect, unprotect)]
