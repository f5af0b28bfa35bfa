"""One line of a do-not-contact CSV as an entry, or why not (DNC-04). A row is one line: no cell goes over its end."""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from governance.domain.cell_text import text_of_cell
from governance.domain.dnc_key import DncKind, InvalidRecipientError, key_of

COLUMNS = ("kind", "value", "reason", "source", "brand", "effective_from", "effective_until")
MAX_LINE_BYTES = 10_000
_LONGEST = {"value": 300, "reason": 300, "source": 60, "brand": 60}


class DncRowError(ValueError):
    """The line is no entry. The words say why and repeat nothing of it."""

    code = "dnc_row_refused"


class DncRow(msgspec.Struct, frozen=True):
    """A good line, with its matching key."""

    kind: str
    key: str
    value: str
    reason: str
    source: str
    brand: str
    effective_from: datetime | None
    effective_until: datetime | None


def read_header(line: bytes) -> list[str]:
    """The names of the columns, in order. Raises DncRowError: `value` is needed, and no other than COLUMNS."""
    names = [cell.strip().lower() for cell in split_line(line.removeprefix(b"\xef\xbb\xbf"))]
    unknown = sorted(set(names) - set(COLUMNS))
    if unknown or len(set(names)) != len(names):
        raise DncRowError(f"the first line names the columns, each once: {', '.join(COLUMNS)}")
    if "value" not in names:
        raise DncRowError("the first line names no column `value`")
    return names


def split_line(line: bytes) -> list[str]:
    """The cells of one line. Raises DncRowError for what is no UTF-8, holds NUL, or leaves a quote open."""
    if len(line) > MAX_LINE_BYTES:
        raise DncRowError(f"is longer than {MAX_LINE_BYTES} bytes")
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise DncRowError("is not UTF-8") from None
    if "\x00" in text:
        raise DncRowError("holds a NUL character")
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True), [""])
    except csv.Error:
        raise DncRowError("has quotes that do not pair up") from None


def read_row(line: bytes, columns: Sequence[str], defaults: Mapping[str, str], *, region: str) -> DncRow:
    """The entry of one line; `defaults` fill empty cells and columns that are not there. Raises DncRowError."""
    cells = split_line(line)
    if len(cells) != len(columns):
        raise DncRowError(f"has {len(cells)} cells, not {len(columns)}")
    given = {name: text_of_cell(cell.strip()) for name, cell in zip(columns, cells, strict=True) if cell}
    row = {**defaults, **{name: cell for name, cell in given.items() if cell}}
    value = _text(row, "value")
    kind = row.get("kind", "").lower()
    try:
        key = key_of(kind, value, region=region)
    except InvalidRecipientError as error:
        raise DncRowError(str(error)) from None
    start, end = _moment(row.get("effective_from", "")), _moment(row.get("effective_until", ""))
    if start is not None and end is not None and end <= start:
        raise DncRowError("ends before it begins")
    return DncRow(
        str(DncKind(kind)), key, value, _text(row, "reason"), _text(row, "source"), _text(row, "brand"), start, end
    )


def _text(row: Mapping[str, str], name: str) -> str:
    text = row.get(name, "")
    if len(text) > _LONGEST[name]:
        raise DncRowError(f"has a {name} of more than {_LONGEST[name]} characters")
    if not text and name != "brand":
        raise DncRowError(f"has no {name}")
    return text


@lru_cache(maxsize=1024)
def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DncRowError("has a date that is not written like 2031-05-17") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
