"""Triggers: every event becomes pending, and nothing written can be changed, in both databases."""

from django.db import migrations

INSERT_ONLY = ("audit_ledgerevent", "audit_ledgerleaf", "audit_tile", "audit_checkpoint")
NO_UPDATE = ("audit_pendingevent", "audit_erasablevalues")

POSTGRESQL_FUNCTIONS = (
    """
    CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is append-only: % on % refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE FUNCTION audit_note_pending() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO audit_pendingevent (event_id) SELECT id FROM written;
        RETURN NULL;
    END $$
    """,
)
POSTGRESQL_PENDING = """
    CREATE TRIGGER audit_ledgerevent_pending AFTER INSERT ON audit_ledgerevent
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_note_pending()
"""
# Which rows a REPLACE would silently delete: SQLite fires no DELETE trigger for them.
SQLITE_SAME_ROW = {
    "audit_ledgerevent": "id = NEW.id",
    "audit_ledgerleaf": "leaf_index = NEW.leaf_index OR event_id = NEW.event_id",
    "audit_tile": "id = NEW.id OR (level = NEW.level AND n = NEW.n)",
    "audit_checkpoint": "size = NEW.size",
    "audit_pendingevent": "id = NEW.id OR event_id = NEW.event_id",
    "audit_erasablevalues": "event_id = NEW.event_id",
}


def postgresql_statements():
    yield from POSTGRESQL_FUNCTIONS
    yield POSTGRESQL_PENDING
    # ENABLE ALWAYS: they fire even under session_replication_role = replica
    yield "ALTER TABLE audit_ledgerevent ENABLE ALWAYS TRIGGER audit_ledgerevent_pending"
    refused = [(table, "UPDATE OR DELETE OR TRUNCATE") for table in INSERT_ONLY]
    refused += [(table, "UPDATE OR TRUNCATE") for table in NO_UPDATE]
    for table, events in refused:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE {events} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()"
        )
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only"


def sqlite_statements():
    yield (
        "CREATE TRIGGER audit_ledgerevent_pending AFTER INSERT ON audit_ledgerevent "
        "BEGIN INSERT INTO audit_pendingevent (event_id) VALUES (NEW.id); END"
    )
    for table in INSERT_ONLY + NO_UPDATE:
        yield _sqlite_refusal(table, "update", "UPDATE")
        same_row = f"SELECT 1 FROM {table} WHERE {SQLITE_SAME_ROW[table]}"  # noqa: S608  # names of our own tables
        yield _sqlite_refusal(table, "insert", "INSERT", f"WHEN EXISTS ({same_row})")
    for table in INSERT_ONLY:
        yield _sqlite_refusal(table, "delete", "DELETE")


def _sqlite_refusal(table, name, event, condition=""):
    return (
        f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} FOR EACH ROW {condition} "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    )


def protect(_apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in postgresql_statements() if vendor == "postgresql" else sqlite_statements():
        schema_editor.execute(statement, params=None)


def unprotect(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER audit_ledgerevent_pending ON audit_ledgerevent", params=None)
        for table in INSERT_ONLY + NO_UPDATE:
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}", params=None)
        schema_editor.execute("DROP FUNCTION audit_refuse_change(), audit_note_pending()", params=None)
        return
    for statement in sqlite_statements():
        schema_editor.execute(f"DROP TRIGGER {statement.split()[2]}", params=None)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]
