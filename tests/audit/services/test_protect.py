"""A run-time role that is not the owner: it may add to the ledger and do nothing else to it (AUD-01)."""

# ruff: noqa: S608  # names of our own tables

import os

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import LedgerLeaf
from audit.services.maintain import maintain_ledger
from audit.services.protect import ProtectionError, protect_ledger
from audit.services.verify import verify_ledger
from tests.builders.audit import NOW, append, execute, fill_ledger, new_event

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ROLE = f"ledger_runtime_{os.getpid()}"
TABLES = {  # with a column to change
    "audit_ledgerevent": "type",
    "audit_ledgerleaf": "leaf_index",
    "audit_tile": "n",
    "audit_checkpoint": "size",
    "audit_erasablevalues": "event_id",
}


def owner_url():
    settings = connection.settings_dict
    host, port = settings["HOST"] or "127.0.0.1", settings["PORT"] or 5432
    return f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{host}:{port}/{settings['NAME']}"


@pytest.fixture
def role():
    execute(f"CREATE ROLE {ROLE} LOGIN")
    yield ROLE
    execute(f"DROP OWNED BY {ROLE}")
    execute(f"DROP ROLE {ROLE}")


@pytest.fixture
def as_runtime(role):
    fill_ledger(300, values={"a": 1})
    protect_ledger(owner_url=owner_url(), role=role)
    execute(f"SET ROLE {role}")
    yield
    execute("RESET ROLE")


def test_the_product_works_under_the_run_time_role(as_runtime):
    append(*[new_event(values={"a": 1}) for _ in range(300)])
    maintain_ledger(now=NOW)
    assert verify_ledger().is_ok
    assert LedgerLeaf.objects.count() == 600


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {0} SET {1} = {1}",
        "TRUNCATE {0}",
        "DROP TABLE {0}",
        "ALTER TABLE {0} DISABLE TRIGGER ALL",
        "ALTER TABLE {0} ADD COLUMN evil int",
        "DROP TRIGGER {0}_append_only ON {0}",
        "CREATE TRIGGER swallow BEFORE INSERT ON {0} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ],
)
def test_the_run_time_role_is_denied_on_every_table(as_runtime, statement):
    for table, column in TABLES.items():
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(statement.format(table, column))


def test_the_run_time_role_can_delete_erasable_values_alone(as_runtime):
    for table in list(TABLES)[:4]:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            run(f"DELETE FROM {table}")
    run("DELETE FROM audit_erasablevalues")


def test_the_run_time_role_cannot_silence_the_triggers(role):
    protect_ledger(owner_url=owner_url(), role=role)
    with psycopg.connect(owner_url(), user=role) as own, pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.execute("SET session_replication_role = replica")


def run(statement):
    """Under the driver's own errors, which tell one refusal from another."""
    with connection.cursor() as cursor:
        cursor.cursor.execute(statement)


@pytest.mark.parametrize("name", ["postgres", "nobody_at_all"])
def test_a_role_that_no_right_binds_is_refused(name):
    with pytest.raises(ProtectionError):
        protect_ledger(owner_url=owner_url(), role=name)


def test_a_member_of_the_owner_is_refused(role):
    execute(f"GRANT postgres TO {role}")
    with pytest.raises(ProtectionError, match="owns"):
        protect_ledger(owner_url=owner_url(), role=role)


def test_the_command_says_what_is_missing(settings):
    settings.DATABASE_OWNER_URL = ""
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("protect_ledger")


def test_the_command_refuses_to_bind_the_owner_itself(settings):
    settings.DATABASE_OWNER_URL = owner_url()
    with pytest.raises(CommandError, match="superuser"):
        call_command("protect_ledger")
