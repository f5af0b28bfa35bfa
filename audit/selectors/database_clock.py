"""The database's clock as an expression: expiry is judged inside the UPDATE, by no one else's time."""

from django.db.models import DateTimeField, Func

CLOCK_WORDS = {"postgresql": "clock_timestamp()", "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f000', 'now')"}
"""The same in statements that are written by hand, by vendor."""


class DatabaseNow(Func):
    """The moment of evaluation, not of the transaction's start: a vote that waited for a lock may be too late."""

    template = "%(function)s"
    output_field = DateTimeField()

    def as_postgresql(self, *_: object, **__: object) -> tuple[str, list[str]]:
        return CLOCK_WORDS["postgresql"], []

    def as_sqlite(self, *_: object, **__: object) -> tuple[str, list[str]]:  # type: ignore[override]
        return CLOCK_WORDS["sqlite"], []
