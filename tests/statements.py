"""Which statements a block sends. Django's own capture does not know the text of prepared ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def captured_statements() -> Iterator[list[str]]:
    """The statements executed inside the block, without BEGIN and COMMIT, savepoints left out."""
    statements: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        if "SAVEPOINT" not in sql:
            statements.append(sql.strip())
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield statements
