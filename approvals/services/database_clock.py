"""The database's clock as an expression: expiry is judged inside the UPDATE, by no one else's time (DESIGN §4)."""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Func
from django.db.models.sql.compiler import SQLCompiler


class DatabaseNow(Func):
    """The moment of evaluation, not of the transaction's start: a vote that waited for a lock may have come too late."""

    template = "%(function)s"
    output_field = DateTimeField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: object
    ) -> tuple[str, list[str]]:
        return "clock_timestamp()", []

    def as_sqlite(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: object
    ) -> tuple[str, list[str]]:
        return "strftime('%%Y-%%m-%%d %%H:%%M:%%f000', 'now')", []
