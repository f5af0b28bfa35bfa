"""Prepared statements of the hot path, and the first statement of a call as its connection's health check (OPS-01)."""

import pytest
from django.db import connection

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
