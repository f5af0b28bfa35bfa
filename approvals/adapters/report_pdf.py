"""Reports as PDF: tables in an embedded font. What the font has no letter for is spelled out as [U+4E2D]."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
from fontTools.ttLib import TTFont
from fpdf import FPDF, FontFace

_FONT = Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"
_NAME = "Noto"
_MARGIN = 14
_LINE, _MUTED, _HEAD = "#c9ced6", "#3d4757", "#f1f3f6"


@dataclass(frozen=True, slots=True)
class Section:
    """One table with its heading. `widths` are relative; the first column is text, the others stand to the right."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]


class _Document(FPDF):
    """A4 with page numbers."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self._running = title
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(True, margin=18)
        self.add_font(_NAME, fname=str(_FONT))

    def footer(self) -> None:
        """fpdf2's hook: at the foot of each page."""
        self.set_y(-12)
        self.set_font(_NAME, size=8)
        self.set_text_color(100)
        self.cell(0, 5, f"{self._running} · page {self.page_no()}", align="C")


def write_pdf(*, title: str, note: str, sections: Sequence[Section], made_at: datetime) -> bytes:
    """The document, tagged with title and language. Nothing in it is a link or acts."""
    document = _Document(spelled(title))
    document.set_title(spelled(title))
    document.set_lang("en")
    document.set_creator("Countersign")
    document.set_creation_date(made_at)
    document.add_page()
    _line(document, title, size=17, gap=8)
    _line(document, note, size=9, gap=6)
    for section in sections:
        _section(document, section)
    return bytes(document.output())


def spelled(text: str) -> str:
    """The text with every character that the font cannot show as its code point. Text that runs from right to left is
    spelled out too: set from left to right it would read wrong."""
    letters = _letters()
    return "".join(character if ord(character) in letters else f"[U+{ord(character):04X}]" for character in text)


def _section(document: FPDF, section: Section) -> None:
    if document.get_y() > document.eph - 25:
        document.add_page()
    document.ln(4)
    _line(document, section.title, size=12, gap=7)
    if not section.rows:
        _line(document, "Nothing in this week.", size=9, gap=6)
        return
    document.set_font(_NAME, size=8)
    document.set_draw_color(_LINE)
    numbers = len(section.head) > 2
    alignment = ("LEFT", *["RIGHT" if numbers else "LEFT"] * (len(section.head) - 1))
    with document.table(
        col_widths=tuple(section.widths),
        text_align=alignment,
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(color=_MUTED, fill_color=_HEAD),
        line_height=5,
        padding=(0.6, 1),
    ) as table:
        for row in (section.head, *section.rows):
            table.row([spelled(cell) for cell in row])


def _line(document: FPDF, text: str, *, size: int, gap: float) -> None:
    document.set_font(_NAME, size=size)
    document.multi_cell(0, gap, spelled(text), new_x="LMARGIN", new_y="NEXT")


@cache
def _letters() -> frozenset[int]:
    """The code points that the font draws, and draws in order: control, format and combining ones are left out."""
    with TTFont(_FONT, lazy=True) as font:
        known = font.getBestCmap()
    return frozenset(point for point in known if chr(point).isprintable() and not unicodedata.combining(chr(point)))
