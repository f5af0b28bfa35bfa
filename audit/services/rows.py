"""Many rows by one statement: the hot path of every request, where the ORM's bulk_create costs several times more."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import DataError, connection, transaction
from django.db.models import AutoField, DateTimeField, Field, ForeignKey, JSONField, Model, UUIDField
from django.db.models.base import ModelState

from audit.selectors.prepared import FLUSH, RawUuid, prepared_cursor, raw_time

_M = TypeVar("_M", bound=Model)
_PLAIN = frozenset((str, int, bool))  # both drivers take them as they are
_DIVISION_BY_ZERO = "22012"
_FULL = "(SELECT count(*) FROM part_{part}) = %s"
_UNFLUSHED = "set_config('synchronous_commit', 'off', TRUE)"  # of this transaction alone
_Writer = tuple[str, frozenset[type], Callable[[Any], Any]]  # the attribute; what is plain; how the rest is written
_CHUNK = 500  # rows a statement: SQLite takes at most 32,766 parameters


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table, not written yet; values are as the driver wants them (see `uuid_value`)."""

    model: type[Model]
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    @property
    def statement(self) -> str:
        """The INSERT of all rows, with a placeholder for each of `parameters`."""
        return _insert_statement(self.model._meta.db_table, self.columns, len(self.rows))

    @property
    def parameters(self) -> list[Any]:
        return [value for row in self.rows for value in row]


@dataclass(frozen=True, slots=True)
class Guard:
    """A statement that goes along with new rows and must return exactly `count` rows: otherwise nothing is written."""

    statement: str
    parameters: Sequence[Any]
    count: int


class GuardFailedError(RuntimeError):
    """The guard of an insert returned fewer rows than it had to. Nothing was written."""

    code = "guard_failed"


def insert_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """INSERT `rows`, whose values are as the driver wants them (see `uuid_value`). Needs an open transaction."""
    insert(Rows(model, tuple(columns), rows))


def insert(rows: Rows) -> None:
    """INSERT the rows in chunks that both databases take. Needs an open transaction."""
    with prepared_cursor() as cursor:
        for start in range(0, len(rows.rows), _CHUNK):
            chunk = Rows(rows.model, rows.columns, rows.rows[start : start + _CHUNK])
            cursor.execute(chunk.statement, chunk.parameters)


def insert_together(
    tables: Sequence[Rows],
    guards: Sequence[Guard] = (),
    *,
    has_savepoint: bool = True,
    frees_early: bool = False,
) -> None:
    """INSERT rows of several tables, all or none, and commit unless a transaction is open already. Guards are asked in
    their order.

    On PostgreSQL one statement, which is a transaction by itself: no round trip for BEGIN, COMMIT and each table. Few
    rows are meant: there is no chunking. Raises GuardFailedError, django.db.Error; then nothing was written. Without a
    savepoint an open transaction is lost with it: the caller lets it roll back. With `frees_early` what guards lock is
    free again before the disk has the commit; this returns once it has (docs/adr/0023-locks-end-before-the-disk.md).
    """
    filled = [rows for rows in tables if rows.rows]
    if connection.vendor != "postgresql":
        with transaction.atomic():
            for rows in filled:
                insert(rows)
            for guard in guards:
                _ask(guard)
        return
    frees_early = frees_early and bool(guards) and not connection.in_atomic_block
    statement, parameters = _as_one(filled, guards, frees_early=frees_early)
    try:
        with _savepoint() if has_savepoint else nullcontext(), prepared_cursor(frees_early=frees_early) as cursor:
            cursor.execute(statement, parameters)
    except DataError as error:
        if guards and getattr(error.__cause__, "sqlstate", "") == _DIVISION_BY_ZERO:
            raise GuardFailedError("the guard of the rows failed") from error
        raise


def flush_commits() -> None:
    """Wait until all that has committed so far is on disk: nobody may be told of it before. Raises django.db.Error.

    The log is written in order, and this writes one more entry: whose commit waits for the disk like any. Sources:
    PostgreSQL, "Asynchronous Commit" and `RecordTransactionCommit`. On SQLite every commit waits for itself.
    """
    if connection.vendor == "postgresql":
        with prepared_cursor() as cursor:
            cursor.execute(FLUSH, ())


def _savepoint() -> AbstractContextManager[Any]:
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _ask(guard: Guard) -> None:
    with prepared_cursor() as cursor:
        cursor.execute(guard.statement, guard.parameters)
        if len(cursor.fetchall()) != guard.count:
            raise GuardFailedError("the guard of the rows failed")


def _as_one(tables: Sequence[Rows], guards: Sequence[Guard], *, frees_early: bool) -> tuple[str, list[Any]]:
    """All inserts as one statement; a guard that falls short divides by zero, which takes the whole statement back."""
    statements = [rows.statement for rows in tables] + [guard.statement for guard in guards]
    parameters = [value for rows in tables for value in rows.parameters]
    for guard in guards:
        parameters += guard.parameters
    parameters += [guard.count for guard in guards]
    return _statement_of(tuple(statements), len(guards), frees_early), parameters


@lru_cache(maxsize=512)  # few shapes come again and again
def _statement_of(statements: tuple[str, ...], guards: int, frees_early: bool) -> str:  # noqa: FBT001  # kept by place
    """One statement of several, of which the last so many are guards."""
    parts = list(statements)
    if guards:
        full = [_FULL.format(part=len(parts) - guards + number) for number in range(guards)]
        # CASE asks the conditions in their order, so that the guards lock what they lock in the same one everywhere.
        asked = f"1 / (CASE {' '.join(f'WHEN NOT {one} THEN 0' for one in full)} ELSE 1 END)"
        parts.append(f"SELECT {asked}, {_UNFLUSHED}" if frees_early else f"SELECT {asked}")
    *first, last = parts
    named = ", ".join(f"part_{number} AS ({statement})" for number, statement in enumerate(first))
    return f"WITH {named} {last}" if named else last


@lru_cache(maxsize=512)
def _insert_statement(table: str, columns: tuple[str, ...], rows: int) -> str:
    one = f"({', '.join(['%s'] * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * rows)}"  # noqa: S608  # our own names


def new_instance(model: type[_M], **values: Any) -> _M:
    """An instance that is not saved yet, by the names of its columns' attributes (`agent_id`); the rest by default.

    Django's own way asks every field and relation in turn, which is a thirtieth of a proposal's work; for models that
    nothing watches being made. Raises TypeError for a name that the model does not have.
    """
    names, fixed, made = _defaults(model)
    if not names.issuperset(values):
        raise TypeError(f"`{model.__name__}` has no {sorted(set(values) - names)}")
    instance = model.__new__(model)
    fresh = {name: make() for name, make in made if name not in values}
    vars(instance).update(fixed, _state=ModelState(), **fresh, **values)
    return instance


@cache
def _defaults(model: type[Model]) -> tuple[frozenset[str], dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """The attributes of a model, the defaults that never differ, and how the others are made."""
    fields = model._meta.concrete_fields
    makers = {field.attname: field.default for field in fields if field.has_default() and callable(field.default)}
    fixed = {field.attname: field.get_default() for field in fields if field.attname not in makers}
    return frozenset(field.attname for field in fields), fixed, tuple(makers.items())


def row_of(instance: Model) -> Rows:
    """One new row, as an instance holds it; what the database numbers is left out. The instance stays as it is."""
    columns, writers = _writers(type(instance))
    values = vars(instance)
    row = []
    for name, plain, write in writers:
        value = values[name]
        row.append(value if value is None or type(value) in plain else write(value))
    return Rows(type(instance), columns, [row])


def rows_of(instances: Sequence[Model]) -> Rows:
    """The same of several of one model, one at least."""
    rows = [row_of(instance) for instance in instances]
    return Rows(rows[0].model, rows[0].columns, [row for one in rows for row in one.rows])


@cache
def _writers(model: type[Model]) -> tuple[tuple[str, ...], tuple[_Writer, ...]]:
    """The columns of a model, and how each is made. Once per model: it is slow."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    return tuple(str(field.column) for field in fields), tuple((field.attname, *_writer(field)) for field in fields)


@cache
def value_writers(model: type[Model]) -> dict[str, tuple[frozenset[type], Callable[[Any], Any]]]:
    """For each attribute of a model the types whose values are written as they are, and how others are; not None."""
    return {field.attname: _writer(field) for field in model._meta.concrete_fields}


def _writer(field: "Field[Any, Any]") -> tuple[frozenset[type], Callable[[Any], Any]]:
    """The types whose values are written as they are, and how others are; None left aside."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    match field:
        case JSONField():
            return frozenset(), lambda value: msgspec.json.encode(value).decode()
        case UUIDField():
            return frozenset(), uuid_wire
        case DateTimeField():
            return frozenset(), time_wire
        case _:
            return _PLAIN, lambda value: field.get_db_prep_save(value, connection)


def uuid_value(value: Any) -> Any:
    """A UUID as this database stores it."""
    return value if _is_typed() else value.hex


def time_value(value: Any) -> Any:
    """An aware time as this database stores it."""
    return value if _is_typed() else connection.ops.adapt_datetimefield_value(value)


def uuid_wire(value: UUID) -> Any:
    """A UUID for a column of that type, as a prepared cursor sends it: neither side lays out or reads digits."""
    return RawUuid(value.bytes) if _is_typed() else value.hex


def time_wire(value: datetime) -> Any:
    """An aware time for a column of that type, as a prepared cursor sends it."""
    return raw_time(value) if _is_typed() else connection.ops.adapt_datetimefield_value(value)


@cache
def _is_typed() -> bool:
    """Whether the database has types of its own for identifiers and times: PostgreSQL has, SQLite stores texts."""
    return connection.vendor == "postgresql"
