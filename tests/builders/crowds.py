"""Many rows of a kind from one that the builders made: copies that differ where the table says that they must."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models

from audit.domain.identifier import new_id

BATCH = 1_000
Values = Callable[[int], Any] | Sequence[Any]


def multiply(row: models.Model, count: int, **columns: Values) -> list[UUID]:
    """`count` more rows like this one, saved or not; returns their keys. `columns` by attribute name: a function of the
    number, or one value for each.

    Keys are fresh, and texts and numbers that must differ carry the row's number. What all have in common goes to the
    database once for each thousand, as nothing else makes 20,000 in seconds.
    """
    model = type(row)
    varied = {**_must_differ(model, columns), **columns}
    keys: list[UUID] = []
    for first in range(1, count + 1, BATCH):
        numbers = range(first, min(first + BATCH, count + 1))
        chunk = [[_value(values, number) for values in varied.values()] for number in numbers]
        _insert(row, list(varied), chunk)
        if model._meta.pk.attname in varied:
            place = list(varied).index(model._meta.pk.attname)
            keys += [values[place] for values in chunk]
    return keys


def _value(values: Values, number: int) -> Any:
    return values(number) if callable(values) else values[number - 1]


def _insert(row: models.Model, names: list[str], chunk: list[list[Any]]) -> None:
    """One statement: the lines of what differs, each joined with what does not."""
    fields: dict[str, Any] = {
        field.attname: field for field in row._meta.concrete_fields if field.attname in names or not field.primary_key
    }
    common = [name for name in fields if name not in names]
    line = f"({', '.join(['%s'] * len(names))})"
    sql = "WITH v({}) AS (VALUES {}) INSERT INTO {} ({}) SELECT {} FROM v".format(  # noqa: S608  # names of our own tables
        ", ".join(map(_quoted, names)),
        ", ".join([line] * len(chunk)),
        _quoted(row._meta.db_table),
        ", ".join(_quoted(fields[name].column) for name in (*names, *common)),
        ", ".join(
            [
                *(f"v.{_quoted(name)}{_type(fields[name])}" for name in names),
                *(f"%s{_type(fields[name])}" for name in common),
            ]
        ),
    )
    stored = [
        fields[name].get_db_prep_save(value, connection)
        for values in chunk
        for name, value in zip(names, values, strict=True)
    ]
    stored += [fields[name].get_db_prep_save(getattr(row, name), connection) for name in common]
    with connection.cursor() as cursor:
        cursor.execute(sql, stored)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _type(field: Any) -> str:
    """What PostgreSQL cannot guess of a value that stands alone."""
    if connection.vendor != "postgresql":
        return ""
    return f"::{field.rel_db_type(connection) if field.is_relation else field.db_type(connection)}"


def _must_differ(model: type[models.Model], columns: dict[str, Values]) -> dict[str, Values]:
    """The key, and of each uniqueness that the caller does not settle its texts and numbers."""
    options = model._meta
    found: dict[str, Values] = {}
    if not options.pk.is_relation and isinstance(options.pk, models.UUIDField):
        found[options.pk.attname] = lambda _n: new_id()
    for names in _unique_sets(model):
        fields = [options.get_field(name) for name in names]
        if not any(field.attname in columns for field in fields):
            found |= {field.attname: _numbered(model, field) for field in fields if _is_free(field)}
    return found


def _unique_sets(model: type[models.Model]) -> list[tuple[str, ...]]:
    options = model._meta
    single = [(field.name,) for field in options.concrete_fields if field.unique and not field.primary_key]
    return [*single, *(tuple(item.fields) for item in options.constraints if isinstance(item, models.UniqueConstraint))]


def _is_free(field: Any) -> bool:
    return not field.is_relation and not field.choices and isinstance(field, models.CharField | models.IntegerField)


def _numbered(model: type[models.Model], field: Any) -> Callable[[int], Any]:
    if isinstance(field, models.IntegerField):
        return lambda number: 10 + number
    stem = field.max_length - 8
    return lambda number: f"{str(model.__name__.lower())[:stem]}-{number}"
