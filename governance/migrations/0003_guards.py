"""The database refuses changes of what was published, released, decided, named or noted as do-not-contact, in both kinds.

A later migration that rebuilds one of these tables on SQLite drops its triggers with it and must install them again.
"""

from django.db import migrations

from governance.models.change_guards import install_change_guards, remove_change_guards
from governance.models.dnc_guards import install_dnc_guards, remove_dnc_guards
from governance.models.named_guards import AT_FIRST, install_named_guards, remove_named_guards

VERSION, RELEASE = "governance_policyversion", "governance_policyrelease"
# table → what it is, and which row a REPLACE would delete without firing a DELETE trigger on SQLite
IMMUTABLE = {
    VERSION: ("a published policy", "id = NEW.id OR (workspace_id = NEW.workspace_id AND number = NEW.number)"),
    RELEASE: (
        "a release of policy",
        "id = NEW.id OR (workspace_id = NEW.workspace_id AND environment = NEW.environment AND number = NEW.number)",
    ),
}
POSTGRESQL_FUNCTION = """
    CREATE FUNCTION governance_refuse_policy_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a published policy is immutable: % on % refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END $$
    """


def postgresql_statements():
    yield POSTGRESQL_FUNCTION
    for table in IMMUTABLE:
        yield (
            f"CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse_policy_change()"
        )
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_immutable"


def sqlite_statements():
    for table, (what, same_row) in IMMUTABLE.items():
        replaced = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same_row})"  # noqa: S608  # constants of this module
        for name, event, condition in (
            ("update", "UPDATE", ""),
            ("delete", "DELETE", ""),
            ("replace", "INSERT", replaced),
        ):
            yield (
                f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} FOR EACH ROW {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{what} is immutable'); END"
            )


def protect(_apps, schema_editor):
    connection = schema_editor.connection
    for statement in postgresql_statements() if connection.vendor == "postgresql" else sqlite_statements():
        schema_editor.execute(statement, params=None)
    install_change_guards(connection)
    install_dnc_guards(connection)
    install_named_guards(connection, AT_FIRST)


def unprotect(_apps, schema_editor):
    connection = schema_editor.connection
    remove_named_guards(connection)
    remove_dnc_guards(connection)
    remove_change_guards(connection)
    if connection.vendor == "postgresql":
        for table in IMMUTABLE:
            schema_editor.execute(f"DROP TRIGGER {table}_immutable ON {table}", params=None)
        schema_editor.execute("DROP FUNCTION governance_refuse_policy_change()", params=None)
        return
    for statement in sqlite_statements():
        schema_editor.execute(f"DROP TRIGGER {statement.split()[2]}", params=None)


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_initial")]

    operations = [migrations.RunPython(protect, unprotect)]
