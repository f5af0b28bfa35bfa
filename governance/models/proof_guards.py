"""Triggers on the documents behind do-not-contact entries: neither changed nor deleted, whoever asks (DNC-08)."""

from django.db.backends.base.base import BaseDatabaseWrapper

_TABLE = "governance_dncproof"
_NAME = "governance_dncproof_stays"
_WORDS = "the proof of a do-not-contact entry is kept as it is"
_POSTGRESQL = (
    f"""
    CREATE FUNCTION {_NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    (
        f"CREATE TRIGGER {_NAME} BEFORE UPDATE OR DELETE OR TRUNCATE ON {_TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {_NAME}()"
    ),
)
_POSTGRESQL_REVERSE = (f"DROP TRIGGER {_NAME} ON {_TABLE}", f"DROP FUNCTION {_NAME}()")
_SQLITE_EVENTS = {
    "update": "UPDATE",
    "delete": "DELETE",
    "replace": "INSERT",
}
_SAME = f"WHEN EXISTS (SELECT 1 FROM {_TABLE} WHERE id = NEW.id)"  # noqa: S608  # our own table
_SQLITE = tuple(
    f"CREATE TRIGGER {_NAME}_{name} BEFORE {event} ON {_TABLE} FOR EACH ROW {_SAME if name == 'replace' else ''} "
    f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
    for name, event in _SQLITE_EVENTS.items()
)
_SQLITE_REVERSE = tuple(f"DROP TRIGGER {_NAME}_{name}" for name in _SQLITE_EVENTS)


def install_proof_guards(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of this vendor."""
    _run(connection, _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE)


def remove_proof_guards(connection: BaseDatabaseWrapper) -> None:
    """Drop them again."""
    _run(connection, _POSTGRESQL_REVERSE if connection.vendor == "postgresql" else _SQLITE_REVERSE)


def _run(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    for statement in statements:
        with connection.cursor() as cursor:
            cursor.execute(statement)
