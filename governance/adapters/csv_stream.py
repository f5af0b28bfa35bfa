"""CSV written row by row, however many there are, so that no cell acts in a spreadsheet program."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from governance.domain.cell_text import plain_cell

_CHUNK = 64 * 1024
_ENDS = str.maketrans("\r\n", "  ")


def stream_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """UTF-8 with its mark, one line a row: an end of line in a cell becomes a space."""
    text = io.StringIO(newline="")
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([plain_cell(cell.translate(_ENDS)) for cell in row])
        if text.tell() >= _CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()
