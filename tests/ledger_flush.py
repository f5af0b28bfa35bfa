"""Emptying the tables between tests that commit: the triggers refuse it to anyone but the suite, acting as owner."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def flush_with_triggers_lifted(original_flush):
    """Wrap a backend's `execute_sql_flush`: the same statements, with every trigger off meanwhile."""

    def execute_sql_flush(self, sql_list):
        lifted = _sqlite_triggers_lifted if self.connection.vendor == "sqlite" else _postgresql_triggers_lifted
        with lifted():
            return original_flush(self, sql_list)

    return execute_sql_flush


@contextmanager
def _sqlite_triggers_lifted() -> Iterator[None]:
    with connection.cursor() as cursor:
        raw = connection.connection
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        raw.set_authorizer(None)
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            yield
        finally:
            for _name, sql in triggers:
                raw.execute(sql)
            connection.close()  # the next connection has its authorizer again


@contextmanager
def _postgresql_triggers_lifted() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal"
        )
        triggers = cursor.fetchall()
        for table, name, _enabled in triggers:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{name}"')
        try:
            yield
        finally:
            for table, name, enabled in triggers:
                always = "ALWAYS " if enabled == "A" else ""
                cursor.execute(f'ALTER TABLE "{table}" ENABLE {always}TRIGGER "{name}"')
