"""Another legal value in the place of the one that a column holds, one column at a time, taken back at once."""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, models, transaction
from django.db.models.base import ModelState

YEARS, DAY = timedelta(days=3650), timedelta(days=1)
REFERENCES_TRIED = 5
REFUSED = object()


def own_columns(model: type[models.Model]) -> list[str]:
    """Columns that can hold something else: neither the row's own key nor the time at which it was made."""
    options = model._meta
    plain = [
        item.name
        for item in options.concrete_fields
        if not item.primary_key and not getattr(item, "auto_now_add", False) and not getattr(item, "auto_now", False)
    ]
    joined = [item.name for item in options.many_to_many if item.remote_field.through._meta.auto_created]
    return [*plain, *joined]


def is_noticed(
    row: models.Model,
    column: str,
    observe: Callable[[], Any],
    *,
    before: Any,
    along: Mapping[str, Any] | None = None,
) -> bool:
    """Whether the observation is not `before` with some other value in this column of this row.

    `along` are columns that the table wants changed with it. What the database refuses is no legal value.
    """
    return any(
        seen(row, observe, {**(along or {}), column: value}) not in (before, REFUSED)
        for value in other_values(row, column)
    )


def seen(row: models.Model, observe: Callable[[], Any], columns: Mapping[str, Any]) -> Any:
    """The observation with these columns in the row, taken back at once; REFUSED where the database does not take them.

    A row that was never saved is put in as it would read: what is written once cannot be changed.
    """
    with transaction.atomic():
        found = observe() if _put(row, columns) else REFUSED
        transaction.set_rollback(True)
    return found


def unsaved(row: models.Model) -> models.Model:
    """The same row as if nobody had put it in yet."""
    fresh = copy(row)
    fresh._state = ModelState()
    return fresh


def other_values(row: models.Model, column: str) -> Iterator[Any]:
    """Values unlike the one that is there, of the column's own type and choices."""
    item: Any = row._meta.get_field(column)
    if item.many_to_many:
        held = set(getattr(row, column).values_list("pk", flat=True))
        others = [key for key in _keys(item) if key not in held]
        yield from [others[:1], []] if held else [others[:1]]
        return
    value = getattr(row, item.attname)
    if item.null and value is not None:
        yield None
    if item.is_relation:
        yield from [key for key in _keys(item) if key != value][:REFERENCES_TRIED]
    elif item.choices:
        yield from [key for key, _ in item.flatchoices if key != value]
    else:
        yield from [other for other in _unlike(item, value) if other != value]


def _keys(item: Any) -> list[Any]:
    """Of the rows that it may refer to, the newest first."""
    return list(item.remote_field.model._default_manager.order_by("-pk").values_list("pk", flat=True))


def _unlike(item: Any, value: Any) -> list[Any]:
    for kind, others in _OTHERS.items():
        if isinstance(item, kind):
            return others(value)
    return ["another"[: item.max_length], ""]


def _unlike_json(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [{}, {**value, "another": "thing"}]
    return [value[1:], [], [*value, "another"]]


def _unlike_time(value: datetime | None) -> list[Any]:
    soon = datetime.now(UTC)
    at = value or soon
    return [at - YEARS, at + YEARS, soon - DAY, soon + DAY]


def _unlike_number(value: Any) -> list[Any]:
    return [0, (value or 0) + 1, (value or 1) - 1, (value or 0) + 1_000_000]


_OTHERS: dict[Any, Callable[[Any], list[Any]]] = {
    models.BooleanField: lambda value: [not value],
    models.DateTimeField: _unlike_time,
    models.JSONField: _unlike_json,
    models.IntegerField: _unlike_number,
    models.FloatField: _unlike_number,
    models.UUIDField: lambda _: [UUID(int=1)],
    models.BinaryField: lambda value: [bytes(reversed(bytes(value)))],
    models.EmailField: lambda _: ["another@elsewhere.example"],
}


def _put(row: models.Model, columns: Mapping[str, Any]) -> bool:
    """Whether the database took it."""
    joined = {name for name in columns if row._meta.get_field(name).many_to_many}
    plain = {row._meta.get_field(name).attname: columns[name] for name in columns if name not in joined}
    try:
        with transaction.atomic():
            for name in joined:
                getattr(row, name).set(columns[name])
            if row._state.adding:
                _insert(row, plain)
            elif plain:
                type(row)._base_manager.filter(pk=row.pk).update(**plain)
    except DatabaseError:
        return False
    return True


def _insert(row: models.Model, columns: Mapping[str, Any]) -> None:
    fresh: Any = unsaved(row)
    for name, value in columns.items():
        setattr(fresh, name, value)
    fresh.save(force_insert=True)
