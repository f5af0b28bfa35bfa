"""The psycopg side of `audit.selectors.prepared`: libpq's own prepared statements, each by one call of the driver.

A cursor of psycopg talks with the server in many small steps, so that a script can be interrupted between them. Each
step lets other threads in, and in a web process of several threads somebody always waits: taking turns cost more than
the statement. Here one call sends, waits and receives. Sources: libpq, "Command Execution Functions" (PQprepare,
PQexecPrepared); psycopg, "pq – libpq wrapper module" and "adapt – Types adaptation".
"""

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from psycopg import Connection, OperationalError, abc, adapters
from psycopg.adapt import Dumper, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

from audit.selectors.prepared import RawTime, RawUuid

_KEPT = 200  # statements a connection; a batch's differ by the number of its rows
_STATE = "countersign_prepared"  # where a connection keeps its own
DONE = frozenset((ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK))
_MOVED, _FORGOTTEN = b"0A000", b"26000"  # a column has another type since it was planned; the server forgot it


class _Prepared(NamedTuple):
    """What belongs to one connection: its converter of values, its statements' names, longest unused first."""

    transformer: abc.Transformer
    names: OrderedDict[tuple[bytes, tuple[int, ...]], bytes]
    numbers: "count[int]"


class _RawDumper(Dumper):
    """What is laid out already goes as it is."""

    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        return obj


class _RawUuidDumper(_RawDumper):
    oid = adapters.types["uuid"].oid


class _RawTimeDumper(_RawDumper):
    oid = adapters.types["timestamptz"].oid


class PreparedCursor:
    """As much of a cursor as Django's wrapper and the hot path ask for.

    Each statement is prepared at its first use on a connection. Answers come in binary when `is_binary` is set: bytes
    then travel as they are, not as twice as many hexadecimal digits. Raises psycopg's errors.
    """

    _query = None  # Django's log of statements asks a cursor of psycopg for it

    def __init__(self, connection: "Connection[Any]", *, is_binary: bool = False) -> None:
        self._connection = connection
        self._format = Format.BINARY if is_binary else Format.TEXT
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, query: str, params: Sequence[Any] = ()) -> None:
        """Run a statement with `%s` placeholders, in the open transaction if there is one."""
        _begin(self._connection)
        prepared = _prepared_of(self._connection)
        transformer = prepared.transformer
        values = transformer.dump_sequence(params, [PyFormat.AUTO] * len(params))
        formats = transformer.formats
        key = _number_placeholders(query), transformer.types or ()
        result = self._run(self._name(*key), values, formats)
        if result.status not in DONE:
            _forget(prepared, key, result.error_field(DiagnosticField.SQLSTATE))
        _check(self._connection, result)
        transformer.set_pgresult(result)
        self._rows = transformer.load_rows(0, result.ntuples, tuple)

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row that is left."""
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that are left."""
        rows, self._rows = self._rows, []
        return rows

    def close(self) -> None:
        """Nothing is open at the server."""
        self._rows = []

    def _run(self, name: bytes, values: Sequence[Any], formats: Sequence[Format] | None) -> PGresult:
        return self._connection.pgconn.exec_prepared(name, values, formats, self._format)

    def _name(self, query: bytes, types: tuple[int, ...]) -> bytes:
        prepared = _prepared_of(self._connection)
        name = prepared.names.get((query, types))
        if name is not None:
            prepared.names.move_to_end((query, types))
            return name
        if len(prepared.names) >= _KEPT:
            _, unused = prepared.names.popitem(last=False)
            _check(self._connection, self._connection.pgconn.exec_(b"DEALLOCATE " + unused))
        name = b"hot_%d" % next(prepared.numbers)
        _check(self._connection, self._connection.pgconn.prepare(name, query, types))
        prepared.names[query, types] = name
        return name


def _begin(connection: "Connection[Any]") -> None:
    """Open the transaction that Django has announced by switching `autocommit` off, as a cursor of psycopg would; at
    the server's own isolation, for ours has none set."""
    if not connection.autocommit and connection.pgconn.transaction_status == TransactionStatus.IDLE:
        _check(connection, connection.pgconn.exec_(b"BEGIN"))


def _check(connection: "Connection[Any]", result: PGresult) -> None:
    if result.status in DONE:
        return
    if connection.pgconn.status == ConnStatus.BAD:
        raise OperationalError(result.get_error_message())
    raise error_from_result(result)


def _forget(prepared: _Prepared, key: tuple[bytes, tuple[int, ...]], sqlstate: bytes | None) -> None:
    """What is stale is planned anew at its next use, not broken as long as the connection lives."""
    if sqlstate == _FORGOTTEN:
        prepared.names.clear()
    elif sqlstate == _MOVED:
        del prepared.names[key]


def _prepared_of(connection: "Connection[Any]") -> _Prepared:
    prepared: _Prepared | None = getattr(connection, _STATE, None)
    if prepared is None:
        connection.adapters.register_dumper(RawUuid, _RawUuidDumper)
        connection.adapters.register_dumper(RawTime, _RawTimeDumper)
        prepared = _Prepared(Transformer(connection), OrderedDict(), count())
        setattr(connection, _STATE, prepared)
    return prepared


@lru_cache(maxsize=512)
def _number_placeholders(query: str) -> bytes:
    """`%s` as PostgreSQL's own `$1`, `$2` …; no statement of ours holds another percent sign."""
    numbers = count(1)
    first, *rest = query.split("%s")
    return (first + "".join(f"${next(numbers)}{part}" for part in rest)).encode()
