"""Reading the next lines of an import: good rows are staged, bad ones are told, the place is kept (DNC-04)."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection

from audit.domain.identifier import new_id
from audit.services.rows import time_value, uuid_value
from governance.domain.dnc_csv import MAX_LINE_BYTES, DncRowError, read_row
from governance.models import DncImport, DncImportError, DncStagedRow
from governance.selectors.dnc_secret import DncKeys, get_dnc_keys

LINES_A_STEP = 20_000
_STAGED = (
    *("import_id", "line", "entry_id", "kind", "brand", "digest", "value", "reason", "source"),
    *("effective_from", "effective_until"),
)
_ERROR = ("import_id", "line", "problem", "value")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def stage_rows(row: DncImport, path: Path) -> None:
    """Read up to LINES_A_STEP lines from `row.offset` on, in the caller's transaction; moves offset, line, counts."""
    keys = get_dnc_keys()
    good: list[tuple[Any, ...]] = []
    bad: list[tuple[Any, ...]] = []
    import_id = uuid_value(row.pk)
    with path.open("rb") as file:
        file.seek(row.offset)
        for _ in range(LINES_A_STEP):
            line = _next_line(file)
            if not line:
                break
            row.line += 1
            if line.isspace():
                continue
            try:
                good.append(_staged(row, line, keys, import_id))
            except DncRowError as error:
                bad.append((import_id, row.line, str(error), _shown(line)))
        row.offset = file.tell()
    row.rows_good += len(good)
    row.rows_bad += len(bad)
    _insert(DncStagedRow._meta.db_table, _STAGED, good)
    _insert(DncImportError._meta.db_table, _ERROR, bad)


def _next_line(file: BinaryIO) -> bytes:
    """The next line; of one that is too long only its beginning, the rest is passed over."""
    line = file.readline(MAX_LINE_BYTES + 1)
    rest = line
    while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
        rest = file.readline(MAX_LINE_BYTES + 1)
    return line


def _staged(row: DncImport, line: bytes, keys: DncKeys, import_id: Any) -> tuple[Any, ...]:
    read = read_row(line, row.columns, row.defaults, region=keys.region)
    return (
        import_id,
        row.line,
        uuid_value(new_id()),
        read.kind,
        read.brand,
        keys.digest(row.workspace_id, read.key),
        read.value,
        read.reason,
        read.source,
        time_value(read.effective_from or row.started_at),
        time_value(read.effective_until) if read.effective_until else None,
    )


def _shown(line: bytes) -> str:
    text = line[:200].decode("utf-8", "replace").strip()
    return "".join(char if char.isprintable() else "\ufffd" for char in text)[:200]


def _copied(values: Sequence[Any]) -> str:
    """One row in PostgreSQL's text format. Source: PostgreSQL manual, COPY, "Text Format"."""
    return "\t".join([_cell(value) for value in values]) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if value is None:
        return "\\N"
    return f"\\\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def _insert(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write(
                    "".join(_copied(values) for values in rows)
                )  # the driver's way, row by row, takes far longer
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))  # noqa: S608  # own names
