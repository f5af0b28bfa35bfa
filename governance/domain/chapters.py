"""The governance document as chapters of words and tables, and as Markdown (REP-03).

One row is one line, in the order of the rows' names: two documents are compared by any tool that compares lines.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~!&]")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells as `head`. `about` says what they are of, where a chapter has several tables."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """`words` are paragraphs. `source` says what the chapter was read from: the policy version, or the settings now."""

    title: str
    words: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    source: str = ""


def to_markdown(*, title: str, note: str, chapters: Iterable[Chapter]) -> str:
    """CommonMark with tables (GFM §4.10). What people wrote is text in it: no mark of theirs is a heading, a link, an
    image or HTML."""
    lines = [f"# {_plain(title)}", "", _plain(note)]
    for number, chapter in enumerate(chapters, 1):
        lines += ["", f"## {number}. {_plain(chapter.title)}"]
        for paragraph in (*chapter.words, chapter.source):
            lines += ["", _plain(paragraph)] if paragraph else []
        for table in chapter.tables:
            lines += ["", *_table(table)]
    return "\n".join(lines) + "\n"


def _table(table: Table) -> list[str]:
    heading = [f"### {_plain(table.about)}", ""] if table.about else []
    if not table.rows:
        return [*heading, "Nothing."]
    return [*heading, _row(table.head), _row(["---"] * len(table.head), is_plain=True), *map(_row, table.rows)]


def _row(cells: Iterable[str], *, is_plain: bool = False) -> str:
    return f"| {' | '.join(cell if is_plain else _plain(cell) or '–' for cell in cells)} |"


def _plain(text: str) -> str:
    """On one line, each mark of Markdown escaped (CommonMark §2.4)."""
    return _MARKS.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))
