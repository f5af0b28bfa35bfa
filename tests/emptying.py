"""Emptying the tables between tests that commit: the triggers refuse it to anyone but the suite, acting as owner.

Django's own flush truncates every table and makes all permissions and content types anew, which takes seconds with
this many models. Here only what has rows is deleted, and what migrations leave behind stays.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from guardian.conf.settings import ANONYMOUS_USER_NAME

LEFT_BY_MIGRATIONS = frozenset({"auth_permission", "django_content_type", "django_migrations"})
USERS = "governance_user"


def empty_tables(_case: Any = None) -> None:
    """Delete every row that a test has committed; stands in for `TransactionTestCase._fixture_teardown`."""
    filled = tables_with_rows()
    if not filled:
        return
    with connection.cursor() as cursor, triggers_lifted(filled), _unchecked(), transaction.atomic():
        for table in filled:
            cursor.execute(f'DELETE FROM "{table}" {_condition(table)}')  # noqa: S608  # names of our own tables


def tables_with_rows() -> list[str]:
    """Those that hold more than what migrations left."""
    with connection.cursor() as cursor:
        cursor.execute(_look_for_rows())
        return [name for (name,) in cursor.fetchall()]


@functools.cache
def _look_for_rows() -> str:
    tables = [table for table in connection.introspection.table_names() if table not in LEFT_BY_MIGRATIONS]
    return " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\" {_condition(table)})"  # noqa: S608
        for table in tables
    )


@contextmanager
def triggers_lifted(tables: list[str] | None = None) -> Iterator[None]:
    """Inside, the triggers of these tables are off, or all."""
    lifted = _sqlite_lifted if connection.vendor == "sqlite" else _postgresql_lifted
    with connection.cursor() as cursor, lifted(cursor, tables):
        yield


def _condition(table: str) -> str:
    return f"WHERE username <> '{ANONYMOUS_USER_NAME}'" if table == USERS else ""


@contextmanager
def _unchecked() -> Iterator[None]:
    """Foreign keys are not looked at: all ends empty."""
    if connection.vendor == "sqlite":
        with connection.constraint_checks_disabled():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


@contextmanager
def _sqlite_lifted(cursor: Any, tables: list[str] | None) -> Iterator[None]:
    raw = connection.connection
    cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = [row for row in cursor.fetchall() if tables is None or row[0] in tables]
    raw.set_authorizer(None)
    for _table, name, _sql in triggers:
        cursor.execute(f'DROP TRIGGER "{name}"')
    try:
        yield
    finally:
        for _table, _name, sql in triggers:
            raw.execute(sql)
        connection.close()  # the next connection has its authorizer again


@contextmanager
def _postgresql_lifted(cursor: Any, tables: list[str] | None) -> Iterator[None]:
    cursor.execute(
        "SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal"
    )
    triggers = [row for row in cursor.fetchall() if tables is None or row[0] in tables]
    for table, name, _enabled in triggers:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{name}"')
    try:
        yield
    finally:
        for table, name, enabled in triggers:
            always = "ALWAYS " if enabled == "A" else ""
            cursor.execute(f'ALTER TABLE "{table}" ENABLE {always}TRIGGER "{name}"')
