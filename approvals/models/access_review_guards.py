"""Triggers on access reviews: what stood and what was decided never changes, in both databases."""

from django.db.backends.base.base import BaseDatabaseWrapper

_TABLES = ("approvals_accessreview", "approvals_accessreviewrow", "approvals_accessreviewdecision")
_FUNCTION = "approvals_guard_access_review"
_WORDS = "what stood and was decided in an access review never changes"


def install_access_review_guards(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of this vendor."""
    _run(connection, _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE)


def remove_access_review_guards(connection: BaseDatabaseWrapper) -> None:
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
        f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {_FUNCTION}()"
        for table in _TABLES
    ),
)
_POSTGRESQL_REVERSE = (
    *(f"DROP TRIGGER IF EXISTS {table}_guard ON {table}" for table in _TABLES),
    f"DROP FUNCTION IF EXISTS {_FUNCTION}()",
)
# A REPLACE deletes the old row without firing a DELETE trigger.
_SAME = dict.fromkeys(_TABLES, "id = NEW.id") | {_TABLES[2]: "id = NEW.id OR row_id = NEW.row_id"}


def _sqlite(table: str, event: str, condition: str = "1") -> str:
    return (
        f"CREATE TRIGGER {table}_guard_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
    )


_SQLITE = tuple(
    statement
    for table in _TABLES
    for statement in (
        _sqlite(table, "UPDATE"),
        _sqlite(table, "DELETE"),
        _sqlite(table, "INSERT", f"EXISTS (SELECT 1 FROM {table} WHERE {_SAME[table]})"),  # noqa: S608 - constants
    )
)
_SQLITE_REVERSE = tuple(
    f"DROP TRIGGER IF EXISTS {table}_guard_{event}" for table in _TABLES for event in ("update", "delete", "insert")
)
