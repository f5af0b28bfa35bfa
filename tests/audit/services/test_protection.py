"""Nothing written can be changed through the application, in either database (AUD-01)."""

# ruff: noqa: S608  # names of our own tables

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import ErasableValues
from tests.builders.audit import execute, fill_ledger

INSERT_ONLY = ["audit_ledgerevent", "audit_ledgerleaf", "audit_tile", "audit_checkpoint"]
KEPT = [*INSERT_ONLY, "audit_erasablevalues"]
COLUMN = {
    "audit_ledgerevent": "body",
    "audit_ledgerleaf": "leaf_hash",
    "audit_tile": "root",
    "audit_checkpoint": "root",
    "audit_erasablevalues": "content",
}
sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="needs SQLite")


@pytest.fixture
def ledger(db):
    fill_ledger(257, values={"a": 1})


def rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
        return [
            tuple(bytes(item) if isinstance(item, memoryview) else item for item in row) for row in cursor.fetchall()
        ]


def refused(sql, *parameters):
    """Whether the database refuses `sql`."""
    try:
        with transaction.atomic():
            execute(sql, *parameters)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize("table", KEPT)
def test_no_row_can_be_updated(ledger, table):
    before = rows(table)
    assert before
    assert refused(f"UPDATE {table} SET {COLUMN[table]} = %s", b"forged")
    assert rows(table) == before


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_no_row_can_be_deleted(ledger, table):
    assert refused(f"DELETE FROM {table}")
    assert rows(table)


def test_erasable_values_alone_may_go(ledger):
    assert ErasableValues.objects.all().delete()[0] == 257


@pytest.mark.postgres
@pytest.mark.parametrize("table", [*KEPT, "audit_pendingevent"])
def test_no_table_can_be_truncated(ledger, table):
    assert refused(f"TRUNCATE {table}")


@pytest.mark.postgres
@pytest.mark.parametrize("table", INSERT_ONLY)
def test_the_triggers_fire_even_for_a_replication_session(ledger, table):
    with transaction.atomic():
        execute("SET LOCAL session_replication_role = replica")
        assert refused(f"DELETE FROM {table}")
        assert refused(f"UPDATE {table} SET {COLUMN[table]} = %s", b"forged")


@pytest.mark.postgres
def test_an_upsert_cannot_change_a_row(ledger):
    same = "SELECT * FROM audit_checkpoint ON CONFLICT (size) DO UPDATE SET root = EXCLUDED.root"
    assert refused(f"INSERT INTO audit_checkpoint {same}")


@sqlite_only
@pytest.mark.parametrize("table", [*KEPT, "audit_pendingevent"])
def test_insert_or_replace_cannot_replace_a_row(ledger, table):
    if table == "audit_pendingevent":
        execute("INSERT INTO audit_pendingevent (event_id) SELECT id FROM audit_ledgerevent LIMIT 1")
    before = rows(table)
    assert refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    assert refused(f"REPLACE INTO {table} SELECT * FROM {table}")
    assert rows(table) == before


@sqlite_only
def test_a_second_event_at_a_leaf_or_a_second_leaf_of_an_event_cannot_replace_the_first(ledger):
    assert refused(
        "INSERT OR REPLACE INTO audit_ledgerleaf SELECT 9999, event_id, leaf_hash, sequenced_at FROM audit_ledgerleaf"
    )
    assert refused("INSERT OR REPLACE INTO audit_tile SELECT 9999, level, n, hashes, root FROM audit_tile")


@sqlite_only
@pytest.mark.parametrize(
    "sql",
    [
        "DROP TRIGGER audit_ledgerevent_no_update",
        "DROP TRIGGER AUDIT_LEDGEREVENT_NO_UPDATE",
        "DROP TABLE audit_ledgerevent",
        "DROP TABLE Audit_Checkpoint",
        "ALTER TABLE audit_ledgerevent RENAME TO other",
        "ALTER TABLE audit_ledgerevent DROP COLUMN body",
        "CREATE TRIGGER swallow BEFORE INSERT ON audit_ledgerevent BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TEMP TRIGGER swallow BEFORE INSERT ON audit_ledgerevent BEGIN SELECT RAISE(IGNORE); END",
        "PRAGMA writable_schema = ON",
    ],
)
def test_run_time_code_cannot_take_the_protection_away(ledger, sql):
    assert refused(sql)
    assert refused("DELETE FROM audit_ledgerevent")


@sqlite_only
def test_other_tables_are_not_the_guards_business(db):
    execute("CREATE TABLE audited (a)")
    execute("CREATE TRIGGER on_audited AFTER INSERT ON audited BEGIN SELECT 1; END")
    execute("DROP TRIGGER on_audited")
    execute("DROP TABLE audited")


@sqlite_only
@pytest.mark.django_db(transaction=True)
def test_a_migration_may_change_ledger_tables_and_leaves_the_guard_on():
    with connection.schema_editor() as editor:
        editor.execute("DROP TRIGGER audit_tile_no_delete")
        editor.execute(
            "CREATE TRIGGER audit_tile_no_delete BEFORE DELETE ON audit_tile "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )
    assert refused("DROP TRIGGER audit_tile_no_delete")


@pytest.mark.postgres
@pytest.mark.django_db
def test_every_trigger_is_always_on():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname, tgenabled FROM pg_trigger WHERE tgname LIKE 'audit\\_%%'", [])
        triggers = dict(cursor.fetchall())
    assert len(triggers) == 7
    assert set(triggers.values()) == {"A"}
