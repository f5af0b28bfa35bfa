"""Triggers: what requests name for ever is never deleted, so that requests need not ask for it with a foreign key."""

from django.db.backends.base.base import BaseDatabaseWrapper

_TABLES = ("governance_agentversion", "governance_credential", "governance_connection")
_FUNCTION = "governance_keep_named"
_WORDS = "a credential is revoked, a connection switched off and an agent version left behind: none is ever deleted"


def install_named_guards(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of this vendor."""
    _run(connection, _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE)


def remove_named_guards(connection: BaseDatabaseWrapper) -> None:
    """Drop them again."""
    _run(connection, _POSTGRESQL_REVERSE if connection.vendor == "postgresql" else _SQLITE_REVERSE)


def _run(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    for statement in statements:
        with connection.cursor() as cursor:
            cursor.execute(statement)


_POSTGRESQL = (
    f"""
    CREATE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'check_violation';
    END $$
    """,
    *(
        f"CREATE TRIGGER {table}_stays BEFORE DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
        for table in _TABLES
    ),
)
_POSTGRESQL_REVERSE = (
    *(f"DROP TRIGGER IF EXISTS {table}_stays ON {table}" for table in _TABLES),
    f"DROP FUNCTION IF EXISTS {_FUNCTION}()",
)
_SQLITE = tuple(
    f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
    for table in _TABLES
)
_SQLITE_REVERSE = tuple(f"DROP TRIGGER IF EXISTS {table}_stays" for table in _TABLES)
