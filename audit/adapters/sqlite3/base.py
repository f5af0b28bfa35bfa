"""SQLite has no roles: an authorizer on every connection takes the owner's part.

Run-time code cannot drop, alter or re-trigger a ledger table, nor make the schema writable; migrations can, for they
alone work through a schema editor. Other programs that open the file are not bound: what they change,
`verify_ledger` finds. Source: sqlite.org/c3ref/set_authorizer.html.
"""

import sqlite3
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor as SchemaEditor

_PREFIX = "audit_"
# The ledger table is the first argument of these actions, the second of the others.
_TABLE_ACTIONS = frozenset({sqlite3.SQLITE_DROP_TABLE, sqlite3.SQLITE_DROP_TEMP_TABLE})
_TRIGGER_ACTIONS = frozenset(
    {
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        sqlite3.SQLITE_CREATE_TRIGGER,
        sqlite3.SQLITE_DROP_TEMP_TRIGGER,
        sqlite3.SQLITE_DROP_TRIGGER,
    }
)


def authorize(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """SQLite's verdict on one step of a statement: deny what would take the ledger's protection away."""
    if action in _TABLE_ACTIONS:
        is_denied = _is_ledger(first)
    elif action in _TRIGGER_ACTIONS:
        is_denied = _is_ledger(second)
    else:
        is_denied = action == sqlite3.SQLITE_PRAGMA and (first or "").lower() == "writable_schema"
    return sqlite3.SQLITE_DENY if is_denied else sqlite3.SQLITE_OK


def _is_ledger(table: str | None) -> bool:
    return (table or "").lower().startswith(_PREFIX)


class DatabaseSchemaEditor(SchemaEditor):
    """Migrations may change ledger tables: the guard is off while a schema editor is open."""

    def __enter__(self) -> "DatabaseSchemaEditor":
        self.connection.ensure_connection()
        self.connection.connection.set_authorizer(None)
        return super().__enter__()

    def __exit__(self, *exception: Any) -> None:
        try:
            super().__exit__(*exception)
        finally:
            if self.connection.connection is not None:
                self.connection.connection.set_authorizer(authorize)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, plus the authorizer."""

    SchemaEditorClass = DatabaseSchemaEditor

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.set_authorizer(authorize)
        return connection
