"""Triggers: what requests name for ever is never deleted, so that requests need not ask for it with a foreign key."""

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

AT_FIRST = ("governance_agentversion", "governance_credential")
"""What migration 0003 guards; the connection came with 0016."""

_TABLES = (*AT_FIRST, "governance_connection")
_FUNCTION = "governance_keep_named"
_WORDS = "a credential is revoked, a connection switched off and an agent version left behind: none is ever deleted"


def install_named_guards(connection: BaseDatabaseWrapper, tables: Sequence[str] = _TABLES) -> None:
    """Create the triggers of this vendor."""
    _run(connection, (_postgresql if connection.vendor == "postgresql" else _sqlite)(tables))


def remove_named_guards(connection: BaseDatabaseWrapper) -> None:
    """Drop them again."""
    _run(connection, _POSTGRESQL_REVERSE if connection.vendor == "postgresql" else _SQLITE_REVERSE)


def _run(connection: BaseDatabaseWrapper, statements: Sequence[str]) -> None:
    for statement in statements:
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _postgresql(tables: Sequence[str]) -> list[str]:
    function = f"""
    CREATE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'check_violation';
    END $$
    """
    triggers = (
        f"CREATE TRIGGER {table}_stays BEFORE DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
        for table in tables
    )
    return [function, *triggers]


def _sqlite(tables: Sequence[str]) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        for table in tables
    ]


_POSTGRESQL_REVERSE = (
    *(f"DROP TRIGGER IF EXISTS {table}_stays ON {table}" for table in _TABLES),
    f"DROP FUNCTION IF EXISTS {_FUNCTION}()",
)
_SQLITE_REVERSE = tuple(f"DROP TRIGGER IF EXISTS {table}_stays" for table in _TABLES)
