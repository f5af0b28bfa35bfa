"""Entries of a named list as people paste them: one a line, checked by the list's kind."""

from collections.abc import Iterable

from governance.domain.plain_text import fold_value
from governance.domain.rule_terms import ListKind
from governance.domain.rule_values import domain_of

MAX_ENTRIES = 100_000
_LONGEST = 400


def read_entries(lines: Iterable[str], kind: str) -> tuple[list[str], list[tuple[int, str]]]:
    """(entries, bad lines with their numbers). Blank lines and repetitions fall away; the order of letters is kept."""
    entries: dict[str, str] = {}
    bad: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("'") if line.strip()[1:2] in "=+-@" else line.strip()
        if not text:
            continue
        if not _fits(text, kind) or len(entries) >= MAX_ENTRIES:
            bad.append((number, text))
            continue
        key = domain_of(text) if kind == ListKind.DOMAINS else fold_value(text)
        entries.setdefault(key, key if kind == ListKind.DOMAINS else text)
    return sorted(entries.values(), key=str.casefold), bad


def _fits(text: str, kind: str) -> bool:
    if len(text) > _LONGEST or not fold_value(text):
        return False
    if kind == ListKind.DOMAINS:
        return bool(domain_of(text)) and " " not in text
    if kind == ListKind.ADDRESSES:
        return text.count("@") == 1 and " " not in text
    if kind == ListKind.RECORDS:
        return text.count(":") >= 1 and " " not in text
    return True
