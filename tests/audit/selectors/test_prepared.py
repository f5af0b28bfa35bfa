"""Prepared statements of the hot path, and the first statement of a call as its connection's health check (OPS-01)."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

import pytest
from django.db import (
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)

from audit.selectors.prepared import fetch_first, prepared_cursor


@pytest.mark.django_db
def test_a_statement_gives_its_first_row_on_both_databases():
    assert fetch_first("SELECT %s, 2", ["a"]) == ("a", 2)
    assert fetch_first("SELECT 1 WHERE 1 = 0", []) is None


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_server_keeps_the_plan():
    for _ in range(3):
        with prepared_cursor() as cursor:
            cursor.execute("SELECT 41 + %s", [1])
            assert cursor.fetchone() == (42,)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s", ["SELECT 41%"]
        )
        assert cursor.fetchall() == [(3,)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_closed_meanwhile_is_opened_anew():
    fetch_first("SELECT 1", [])
    pid = connection.connection.info.backend_pid
    with connection.copy().cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
        other.connection.close()
    assert fetch_first("SELECT 5", []) == (5,)
    assert connection.connection.info.backend_pid != pid


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_statement_is_planned_once_a_connection():
    for number in range(12):
        fetch_first("SELECT 42 + %s", [number])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s", ["SELECT 42%"]
        )
        assert cursor.fetchall() == [(12, 0)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_statements_that_were_not_used_for_long_are_forgotten_here_and_at_the_server():
    for number in range(260):
        assert fetch_first(f"SELECT {number} + %s", [1]) == (number + 1,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (200,)
    assert fetch_first("SELECT 0 + %s", [1]) == (1,)


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "parameters", "error"),
    [
        ("SELECT 1 / %s", [0], DataError),
        ("SELECT nothing", [], ProgrammingError),
        ("INSERT INTO governance_workspace (id) VALUES (%s)", [UUID(int=1)], IntegrityError),
        ("SELECT %s::text", ["\x00"], DataError),
    ],
)
def test_errors_of_the_server_are_djangos(statement, parameters, error):
    with pytest.raises(error), transaction.atomic():
        fetch_first(statement, parameters)
    assert fetch_first("SELECT 1", []) == (1,)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_first_statement_of_a_transaction_opens_it():
    with suppress(ZeroDivisionError), transaction.atomic():
        with prepared_cursor() as cursor:
            cursor.execute("CREATE TABLE taken_back (id int)", [])
        raise ZeroDivisionError
    assert fetch_first("SELECT to_regclass('taken_back')::text", []) == (None,)


@pytest.mark.postgres
@pytest.mark.django_db
def test_other_threads_go_on_while_a_statement_waits():
    """One call of the driver, which must not keep the interpreter to itself."""
    ticks = 0
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_wait_for_the_server)
        while not waiting.done():
            ticks += 1
            time.sleep(0.01)
        waiting.result()
    assert ticks > 5


def _wait_for_the_server():
    fetch_first("SELECT pg_sleep(%s)", [0.3])
    connection.close()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_took_too_long_is_not_asked_once_more():
    """A statement that was given up for its time is no lost connection: asked again it would hold the server twice."""
    fetch_first("SELECT 1", [])
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 100")
    began = time.monotonic()
    with pytest.raises(OperationalError):
        fetch_first("SELECT pg_sleep(%s)::text", [2.0])
    assert time.monotonic() - began < 1.5
    assert fetch_first("SHOW statement_timeout", []) == ("100ms",)  # on the very connection
    connection.close()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_plan_that_a_migration_made_stale_fails_once():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE moved (a int)")
        cursor.execute("INSERT INTO moved VALUES (1)")
    assert fetch_first("SELECT a FROM moved WHERE a = %s::int", [1]) == (1,)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE moved ALTER a TYPE bigint")
    with pytest.raises(NotSupportedError):
        fetch_first("SELECT a FROM moved WHERE a = %s::int", [1])
    assert fetch_first("SELECT a FROM moved WHERE a = %s::int", [1]) == (1,)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with pytest.raises(ProgrammingError):
        fetch_first("SELECT a FROM moved WHERE a = %s::int", [1])
    assert fetch_first("SELECT a FROM moved WHERE a = %s::int", [1]) == (1,)
    connection.close()
