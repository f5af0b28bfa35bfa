"""Querysets that are put into words once: for reads of the hot path whose statement never changes but for its values.

Django lays out a queryset's text anew each time, which for one with a few sub-selects takes ten times as long as the
database takes to answer it. A `KeptQuery` keeps the text and goes through `audit.selectors.prepared`: PostgreSQL plans
it once a connection. Rows come as from the queryset itself. Sources: Django 5.2, `django.db.models.query` (how an
iterable asks a compiler) and `django.db.models.sql.compiler`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import QuerySet

from audit.selectors.prepared import prepared_cursor

Value = UUID | str | int | datetime | None
_Shape = tuple[Any, ...]
_Place = tuple[int, Callable[[Any], Any]]  # which value, and how the field spells it
_MOST_SHAPES = 64
_STAND_IN_MOMENT = datetime(7000, 1, 1, tzinfo=UTC)


class KeptQuery:
    """A queryset by its values: `build` makes it from stand-ins of the same types, once for each shape of values.

    A value is an id, a text, a number or an aware time, None, or a tuple of them for `__in`. INVARIANT: nothing but
    these values may differ between two calls: `build` reads no clock and no rows, and hands every value on unchanged.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._known: dict[_Shape, _Kept] = {}

    def fetch(self, *values: Value | tuple[Value, ...]) -> list[Any]:
        """All rows for these values. One query; none where no row can be. Raises django.db.Error."""
        shape = tuple(_shape_of(value) for value in values)
        kept = self._known.get(shape)
        if kept is None:
            kept = _keep(self._build, values)
            if kept is None:
                return []
            if len(self._known) >= _MOST_SHAPES:
                self._known.clear()
            self._known[shape] = kept
        return kept.fetch(_flat(values))


class _Kept:
    """One text, and where the values go."""

    def __init__(self, queryset: QuerySet[Any, Any], places: dict[Any, _Place]) -> None:
        self.db, self.model = queryset.db, queryset.model
        self._iterable: Any = queryset._iterable_class  # noqa: SLF001
        self._compiler: Any = queryset.query.get_compiler(using=queryset.db)
        self._text, parameters = self._compiler.as_sql()
        self._parameters = [(value, _find(places, value)) for value in parameters]
        self._is_locking = bool(queryset.query.select_for_update)
        self.select, self.klass_info = self._compiler.select, self._compiler.klass_info
        self.annotation_col_map = self._compiler.annotation_col_map
        columns = [column for column, *_ in self.select[: self._compiler.col_count]]
        self._converters = self._compiler.get_converters(columns)
        found = {place[0] for _, place in self._parameters if place is not None}
        if found != {slot for slot, _ in places.values()}:
            raise RuntimeError("a kept query hands every value on as it is")

    def fetch(self, values: Sequence[Value]) -> list[Any]:
        if self._is_locking and not connections[self.db].in_atomic_block:
            raise transaction.TransactionManagementError("rows are locked to the end of a transaction: begin one")
        bound = [value if place is None else place[1](values[place[0]]) for value, place in self._parameters]
        with prepared_cursor() as cursor:
            cursor.execute(self._text, bound)
            rows = cursor.fetchall()
        return list(self._iterable(_Answer(self, rows)))

    def read(self, rows: list[tuple[Any, ...]], *, tuple_expected: bool) -> Iterator[Any]:
        """As a compiler's `results_iter`, which looks the converters up anew."""
        converted = self._compiler.apply_converters(rows, self._converters) if self._converters else rows
        return map(tuple, converted) if tuple_expected else iter(converted)


class _Answer:
    """The rows of one call, in the place of a queryset and of the compiler that would have fetched them."""

    def __init__(self, kept: _Kept, rows: list[tuple[Any, ...]]) -> None:
        self.query, self.db, self.model = self, kept.db, kept.model
        self.select, self.klass_info, self.annotation_col_map = kept.select, kept.klass_info, kept.annotation_col_map
        self._known_related_objects: dict[Any, Any] = {}
        self._kept, self._rows = kept, rows

    def get_compiler(self, *_: Any, **__: Any) -> "_Answer":
        return self

    def execute_sql(self, *_: Any, **__: Any) -> None:
        """Done already."""

    def results_iter(self, _results: None = None, *, tuple_expected: bool = False, **_: Any) -> Iterator[Any]:
        return self._kept.read(self._rows, tuple_expected=tuple_expected)


def _keep(build: Callable[..., QuerySet[Any, Any]], values: Sequence[Any]) -> _Kept | None:
    places: dict[Any, _Place] = {}
    numbers = iter(range(10_000))
    stand_ins = [
        tuple(_stand_in(one, next(numbers), places) for one in value)
        if isinstance(value, tuple)
        else _stand_in(value, next(numbers), places)
        for value in values
    ]
    try:
        return _Kept(build(*stand_ins), places)
    except EmptyResultSet:
        return None


def _stand_in(value: Value, slot: int, places: dict[Any, _Place]) -> Value:
    """Something of the value's type that is found again in the parameters, in whatever spelling a field gives it."""
    match value:
        case None:
            return None
        case UUID():
            identity = UUID(int=(0xC0FFEE << 96) + slot)
            places |= {identity: (slot, _same), identity.hex: (slot, _hex), str(identity): (slot, str)}
            return identity
        case str():
            text = f"\N{WHITE SQUARE}{slot}"
            places[text] = slot, _same
            return text
        case datetime():
            moment = _STAND_IN_MOMENT + timedelta(seconds=slot)
            places |= {_spell_time(moment): (slot, _spell_time)}
            return moment
        case _:
            number = 7_000_000_000_000 + slot
            places[number] = slot, _same
            return number


def _find(places: dict[Any, _Place], value: Any) -> _Place | None:
    return places.get(value) if isinstance(value, UUID | str | int | datetime) else None


def _same(value: Any) -> Any:
    return value


def _hex(value: UUID) -> str:
    return value.hex


def _spell_time(value: datetime) -> Any:
    """As a column of times takes it: SQLite keeps texts."""
    return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(value)


def _shape_of(value: Any) -> Any:
    return tuple(map(_shape_of, value)) if isinstance(value, tuple) else type(value)


def _flat(values: Sequence[Any]) -> list[Value]:
    return [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
