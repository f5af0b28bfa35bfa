"""Exports on the disk, under DATA_DIR/exports: gathered page by page, so that nothing in them acts (cases 86, 87).

Whatever the number of rows, a page of them is in memory at a time. CSV and JSON lines are gathered as they are handed
over; a workbook is packed at the end, which is why it has fewer rows.
"""

import csv
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from openpyxl import Workbook
from openpyxl.cell.cell import WriteOnlyCell

from governance.domain.cell_text import plain_cell

COLUMNS = (
    "leaf_index", "at", "type", "actor_type", "actor_id", "subject_type", "subject_id", "correlation_id", "id", "data",
    "commitments",
)  # fmt: skip
MOST_IN_A_WORKBOOK = 200_000
_LONGEST_CELL = 32_767  # of a spreadsheet
_CUT = " … cut: the JSON lines have it whole"
_ENDS = str.maketrans("\r\n", "  ")


class WorkbookTooLongError(ValueError):
    """More rows than a workbook is packed with. The words are for people."""

    code = "workbook_too_long"


def gathered_path(export_id: UUID) -> Path:
    """Where the rows are gathered."""
    return _folder() / f"{export_id}.gathered"


def finished_path(export_id: UUID, kind: str) -> Path:
    """Where the file lies that is downloaded."""
    return _folder() / f"{export_id}.{kind}"


def append_rows(export_id: UUID, kind: str, rows: Iterable[dict[str, object]], *, at: int) -> int:
    """Cut the gathered file off at `at` bytes and add the rows; returns how long it is then, synced to the disk."""
    descriptor = os.open(gathered_path(export_id), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        file.truncate(at)
        file.seek(at)
        file.write(_csv_lines(rows, has_header=at == 0) if kind == "csv" else _json_lines(rows))
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def finish_file(export_id: UUID, kind: str, *, rows_count: int) -> None:
    """Make the file of what was gathered. Raises WorkbookTooLongError, OSError."""
    gathered = gathered_path(export_id)
    if kind == "xlsx":
        if rows_count > MOST_IN_A_WORKBOOK:
            raise WorkbookTooLongError(f"more than {MOST_IN_A_WORKBOOK:,} events: choose CSV or JSON lines")
        draft = finished_path(export_id, "xlsx.part")
        _pack_workbook(gathered, draft)
        draft.chmod(0o600)
        draft.replace(finished_path(export_id, kind))
        gathered.unlink()
    else:
        gathered.replace(finished_path(export_id, kind))


def remove_files(export_id: UUID) -> None:
    """Whatever is there of it."""
    for path in _folder().glob(f"{export_id}.*"):
        path.unlink(missing_ok=True)


def _folder() -> Path:
    path = Path(settings.DATA_DIR) / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _json_lines(rows: Iterable[dict[str, object]]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def _csv_lines(rows: Iterable[dict[str, object]], *, has_header: bool) -> bytes:
    """UTF-8, with its mark at the head of the file; a row a line."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    if has_header:
        text.write("\ufeff")
        writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([plain_cell(_cell(row[name])).translate(_ENDS) for name in COLUMNS])
    return text.getvalue().encode()


def _pack_workbook(gathered: Path, draft: Path) -> None:
    """One sheet in which every cell is text: no spreadsheet program computes it."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("events")
    sheet.freeze_panes = "A2"
    for row in _read_rows(gathered):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=plain_cell(text))
            cell.data_type = "s"  # else a leading `=` makes a formula of it
            cells.append(cell)
        sheet.append(cells)
    book.save(draft)


def _read_rows(gathered: Path) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    with gathered.open("rb") as file:
        for line in file:
            row: dict[str, Any] = msgspec.json.decode(line)
            yield tuple(_cell(row[name]) for name in COLUMNS)


def _cell(value: object) -> str:
    if isinstance(value, dict):
        value = msgspec.json.encode(value).decode()
    text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST_CELL - 2 else text[: _LONGEST_CELL - len(_CUT) - 2] + _CUT
