"""Cells of a report's tables: numbers, each a link to exactly the rows that it counts (REP-01)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from approvals.domain.measures import Counted


@dataclass(frozen=True, slots=True)
class Cell:
    """A number and the address of its rows, empty for none. A rate or time says what it is `of`: those."""

    text: str
    address: str = ""
    of: int | None = None


def count_cell(count: int, address: str) -> Cell:
    return Cell(f"{count:,}", address if count else "")


def rate_cell(words: str | None, of: int | None, address: str) -> Cell:
    """A dash where there is nothing to measure."""
    return Cell(words, address, of) if words is not None and of else Cell(words or "–")


def draw_cells(cells: Iterable[Cell]) -> SafeString:
    """As HTML, here and not by the template: a report has hundreds, and each include costs as much as ten of these."""
    return mark_safe("".join(map(_draw, cells)))  # noqa: S308  # each by format_html


def _draw(cell: Cell) -> SafeString:
    if not cell.address:
        return format_html("<td>{}</td>", cell.text)
    if cell.of is None:
        return format_html('<td><a class="cs-link" href="{}">{}</a></td>', cell.address, cell.text)
    words = '<td><a class="cs-link" href="{}">{} <span class="cs-of">of {}</span></a></td>'
    return format_html(words, cell.address, cell.text, f"{cell.of:,}")


class Links:
    """Addresses of the list of requests, which says there how many there are: exactly as many as here."""

    def __init__(self, *, requests: str, ledger: str, workspace: str, first: date, last: date, more: str = "") -> None:
        self._places, self._days = (requests, ledger, workspace), (first, last)
        asked = {"workspace": workspace, "from": first.isoformat(), "to": last.isoformat()}
        self._within = f"{requests}?{urlencode(asked)}{more}"

    def to(self, counted: Counted) -> str:
        return f"{self._within}&measure={counted.value}"

    def only(self, **more: str) -> "Links":
        """The same, of one agent, field or reason code alone."""
        return self._made(*self._days, f"&{urlencode(more)}")

    def over(self, first: date, last: date) -> "Links":
        """The same over other days."""
        return self._made(first, last)

    def events(self, kind: str) -> str:
        """Empty for who may not read the ledger."""
        _, ledger, _ = self._places
        first, last = self._days
        ends = {"at_from_0": first, "at_to_0": last + timedelta(days=1)}
        asked = {"type": kind, "at_from_1": "00:00:00", "at_to_1": "00:00:00", **ends}
        return f"{ledger}?{urlencode(asked)}" if ledger else ""

    def _made(self, first: date, last: date, more: str = "") -> "Links":
        requests, ledger, workspace = self._places
        return Links(requests=requests, ledger=ledger, workspace=workspace, first=first, last=last, more=more)
