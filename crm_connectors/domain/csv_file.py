"""A CSV file that a spreadsheet takes as data and nothing else (attack case 86; ASVS 1.2.10)."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from crm_connectors.domain.record import JsonValue

# What makes a spreadsheet calculate, in plain and full-width form, and the blanks that it skips before it.
_FORMULA = re.compile("^[\\s\x00-\x20\u200b\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n\x00]")


def make_csv(fields: Sequence[str], rows: Iterable[Mapping[str, JsonValue]]) -> bytes:
    """The file in UTF-8, every cell quoted. Numbers stay numbers; a text that could be a formula gets an apostrophe."""
    return b"".join(make_csv_lines(fields, rows))


def make_csv_lines(fields: Sequence[str], rows: Iterable[Mapping[str, JsonValue]]) -> Iterator[bytes]:
    """The same file line by line, its names first: for any number of rows."""
    yield _line(fields)
    for row in rows:
        yield _line([row.get(name) for name in fields])


def _line(values: Iterable[JsonValue]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([_cell(value) for value in values])
    return file.getvalue().encode()


def _cell(value: JsonValue) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = value.replace("\x00", "")
    return f"'{text}" if _FORMULA.match(value) else text
