"""Tables in CSV and XLSX files: read without trust, written so that nothing in them acts (cases 86 and 87).

The kind is told by the content, never by the name. Sizes are judged before anything is unpacked or parsed.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.cell.read_only import ReadOnlyCell

from governance.domain.cell_text import plain_cell, text_of_cell

MAX_BYTES = 4 * 1024 * 1024
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_ROWS = 10_000
MAX_COLUMNS = 100
MAX_CELL = 2_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_MACROS = ("vbaproject.bin", "activex", "xl/macrosheets")


class TableFileError(ValueError):
    """The file as a whole cannot be read. `code` is stable, the message says how to mend it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file. `number` counts as people see it: the header is 1. `cells` is column → text."""

    number: int
    cells: dict[str, str]


def read_table(content: bytes) -> list[Line]:
    """The rows below the header, empty ones left out. Raises TableFileError."""
    if len(content) > MAX_BYTES:
        raise TableFileError("file_too_large", f"the file is larger than {MAX_BYTES // 2**20} MiB: split it")
    rows = _xlsx_rows(content) if content.startswith(b"PK") else _csv_rows(content)
    header: list[str] = []
    lines: list[Line] = []
    for number, row in rows:
        if not header:
            header = _header(row)
        elif any(row):
            lines.append(Line(number, _cells(header, row, number)))
        if len(lines) > MAX_ROWS:
            raise TableFileError("too_many_rows", f"the file has more than {MAX_ROWS:,} rows: split it")
    if not header:
        raise TableFileError("file_empty", "the file is empty: its first row names the columns")
    return lines


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with the mark that makes spreadsheets read it as such; the same rows always give the same bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "matrix", freeze: str = "D2"
) -> bytes:
    """A workbook of one sheet in which every cell is text; the same rows always give the same bytes."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = freeze
    for row in (header, *rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=plain_cell(text))
            cell.data_type = "s"  # else a leading `=` makes a formula of it
            cells.append(cell)
        sheet.append(cells)
    packed = io.BytesIO()
    book.save(packed)
    return _without_time(packed.getvalue())


def _without_time(packed: bytes) -> bytes:
    """The same package with no time of its making in it."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            body = old.read(name)
            if name == "docProps/core.xml":
                body = _STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z", body)
            new.writestr(zipfile.ZipInfo(name, _EPOCH), body, zipfile.ZIP_DEFLATED)
    return result.getvalue()


def _header(row: Sequence[str]) -> list[str]:
    names = [re.sub(r"[\s-]+", "_", name.strip().casefold()) for name in row]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise TableFileError("too_many_columns", f"the file has more than {MAX_COLUMNS} columns")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise TableFileError("column_twice", f"the column `{twice[0]}` stands in the header twice")
    return names


def _cells(header: Sequence[str], row: Sequence[str], number: int) -> dict[str, str]:
    if any(row[len(header) :]):
        raise TableFileError("row_too_long", f"row {number} has more cells than the header")
    if any(len(text) > MAX_CELL for text in row):
        raise TableFileError("cell_too_long", f"a cell of row {number} has more than {MAX_CELL:,} characters")
    padded = [*row, *([""] * len(header))]
    return {name: text_of_cell(padded[index]) for index, name in enumerate(header)}


def _csv_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {error.start + 1} is no UTF-8: save the file as “CSV UTF-8”"
        raise TableFileError("wrong_encoding", message) from error
    if "\x00" in text:
        raise TableFileError("wrong_encoding", "the file holds NUL characters: save it as “CSV UTF-8”")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1)
    except csv.Error as error:
        raise TableFileError("not_a_table", f"the file is no well-formed CSV: {error}") from error


def _xlsx_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    _ensure_harmless(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        rows = book.worksheets[0].iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1)
        for number, row in enumerate(rows, 1):
            yield number, [_xlsx_text(cell, number) for cell in row]
    except TableFileError:
        raise
    except Exception as error:  # whatever the library makes of a broken or hostile package
        raise TableFileError("not_a_table", "the file is no readable XLSX workbook: save it anew") from error


def _ensure_harmless(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
    except zipfile.BadZipFile as error:
        raise TableFileError("not_a_table", "the file is no readable XLSX workbook: save it anew") from error
    if len(entries) > 500 or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise TableFileError("file_unpacks_too_large", "the workbook unpacks to more than this may take")
    if any(word in entry.filename.casefold() for entry in entries for word in _MACROS):
        raise TableFileError("file_has_macros", "the workbook holds macros: save it as .xlsx without them")


def _xlsx_text(cell: object, number: int) -> str:
    value = getattr(cell, "value", None)
    if isinstance(cell, ReadOnlyCell) and cell.data_type == "f":
        message = f"row {number} holds a formula: paste its value instead"
        raise TableFileError("file_has_formula", message)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
