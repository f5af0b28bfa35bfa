"""Reports as PDF: tables in an embedded font. What the font has no letter for is spelled out as [U+4E2D]."""

import unicodedata
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_noto_sans
from fontTools.ttLib import TTFont
from fpdf import FPDF, FontFace
from fpdf.enums import TextMode

_FONT = Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"
_NAME = "Noto"
_MARGIN = 14
_LINE, _MUTED, _HEAD, _STRONG = "#c9ced6", "#5b6675", "#f1f3f6", "#16233f"
_QUIET = frozenset({"0", "–", "as before", "0 %"})
"""What a reader's eye may pass over."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table with its heading. `widths` are relative; the first column is text, the others stand to the right, but
    for those whose numbers `words` has. `lead` are paragraphs over it, `about` a heading of the table's own; without a
    `head` there is no table."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    words: Collection[int] = ()
    lead: Sequence[str] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure of the band at the top."""

    value: str
    name: str
    note: str = ""


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


def write_pdf(
    *, title: str, note: str, sections: Sequence[Section], made_at: datetime, headlines: Sequence[Headline] = ()
) -> bytes:
    """The document, tagged with title and language. Nothing in it is a link or acts."""
    document = _Document(spelled(title))
    document.set_title(spelled(title))
    document.set_lang("en")
    document.set_creator("Countersign")
    document.set_creation_date(made_at)
    document.add_page()
    _line(document, title, size=17, gap=9, is_strong=True)
    _line(document, note, size=9, gap=6, color=_MUTED)
    _band(document, headlines)
    for section in sections:
        _section(document, section)
    return bytes(document.output())


def spelled(text: str) -> str:
    """The text with every character that the font cannot show as its code point. Text that runs from right to left is
    spelled out too: set from left to right it would read wrong."""
    letters = _letters()
    told = text.replace("→", "->")  # our own sentences have it, and the font has not
    return "".join(character if ord(character) in letters else f"[U+{ord(character):04X}]" for character in told)


def _section(document: FPDF, section: Section) -> None:
    if document.get_y() > document.eph - 25:
        document.add_page()
    document.ln(4)
    _line(document, section.title, size=12, gap=8, is_strong=True)
    for paragraph in filter(None, section.lead):
        _line(document, paragraph, size=9, gap=5, color=_MUTED)
    if section.about:
        _line(document, section.about, size=10, gap=7, is_strong=True)
    if not section.head:
        return
    if not section.rows:
        _line(document, "Nothing to tell.", size=9, gap=6, color=_MUTED)
        return
    document.set_font(_NAME, size=8)
    document.set_draw_color(_LINE)
    document.set_text_color(_STRONG)
    others = range(1, len(section.head))
    is_text = len(section.head) == 2 and not section.rows[0][1].replace(",", "").isdigit()
    alignment = ("LEFT", *("LEFT" if is_text or number in section.words else "RIGHT" for number in others))
    with document.table(
        col_widths=tuple(section.widths),
        text_align=alignment,
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(color=_MUTED, fill_color=_HEAD),
        line_height=5,
        padding=(0.6, 1),
    ) as table:
        table.row([spelled(cell) for cell in section.head])
        for cells in section.rows:
            row = table.row()
            for cell in cells:
                row.cell(spelled(cell), style=FontFace(color=_MUTED) if cell in _QUIET else None)


def _band(document: FPDF, headlines: Sequence[Headline]) -> None:
    """The figures that are read first, side by side."""
    if not headlines:
        return
    document.ln(4)
    top, width = document.get_y(), document.epw / len(headlines)
    for number, headline in enumerate(headlines):
        left = _MARGIN + number * width
        document.set_fill_color(_HEAD)
        document.rect(left, top, width - 3, 24, style="F")
        document.set_xy(left + 2, top + 2)
        for text, size, color in (
            (headline.value, 15, _STRONG),
            (headline.name, 8, _STRONG),
            (headline.note, 7, _MUTED),
        ):
            document.set_font(_NAME, size=size)
            document.set_text_color(color)
            with _weight(document, is_strong=size > 8):
                document.multi_cell(width - 7, size * 0.5, spelled(text), align="L", new_x="LEFT", new_y="NEXT")
    document.set_fill_color(255)
    document.set_xy(_MARGIN, top + 26)


def _weight(document: FPDF, *, is_strong: bool) -> AbstractContextManager[Any]:
    """Letters with a fine line around them are a bold that costs nothing: a cut of the font took seconds a document."""
    if not is_strong:
        return nullcontext()
    return document.local_context(text_mode=TextMode.FILL_STROKE, line_width=0.16, draw_color=_STRONG)


def _line(document: FPDF, text: str, *, size: int, gap: float, color: str = _STRONG, is_strong: bool = False) -> None:
    document.set_font(_NAME, size=size)
    document.set_text_color(color)
    with _weight(document, is_strong=is_strong):
        document.multi_cell(0, gap, spelled(text), align="L", new_x="LMARGIN", new_y="NEXT")
    document.set_x(_MARGIN)


@cache
def _letters() -> frozenset[int]:
    """The code points that the font draws, and draws in order: control, format and combining ones are left out."""
    with TTFont(_FONT, lazy=True) as font:
        known = font.getBestCmap()
    return frozenset(point for point in known if chr(point).isprintable() and not unicodedata.combining(chr(point)))
