"""Plain text: what a reader would read, as a matcher can read it, so that writing it oddly hides nothing (CNT-02).

HTML entities and tags, full-width and look-alike letters, accents, soft hyphens, zero-width and direction marks all
fall away. Linear in the length of the text. Source: Unicode Technical Standard 39 §4 (skeletons).
"""

import html
import re
import unicodedata
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data

_TAG = re.compile(r"<[^<>]*>")  # each `<` is looked at once: the class ends at the next one
_BREAK = re.compile(r"</?(?:p|div|br|hr|td|th|tr|li|ul|ol|table|h[1-6]|blockquote|section)\b[^<>]*>")
_WORD = re.compile(r"\w+")
_MAX_ENTITY_ROUNDS = 3  # `&amp;amp;lt;` and so on: deeper than any mail program unfolds
_DROPPED_CATEGORIES = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co"})
_KEPT_CONTROLS = frozenset("\n\t\r")
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"


def fold(text: str) -> str:
    """`text` as plain small letters, entities unfolded."""
    if "&" in text:
        text = _without_entities(text)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text)
    kept = "".join(character for character in text if not _is_dropped(character))
    return unicodedata.normalize("NFKC", kept.translate(_look_alikes())).casefold()


def fold_body(text: str) -> str:
    """A text that may be HTML, folded in both readings: as a browser shows it, and as plain text with its tags."""
    folded = fold(text)
    if "<" not in folded:
        return folded
    shown = _TAG.sub("", _BREAK.sub(" ", folded))
    return f"{shown}\n{folded.replace('<', ' ').replace('>', ' ')}"


def fold_value(value: str) -> str:
    """A short value to compare with: folded, without blanks around it and doubled within."""
    return " ".join(fold(value).split())


def words_of(folded: str) -> list[str]:
    """The words of a folded text, in order."""
    return _WORD.findall(folded)


def _without_entities(text: str) -> str:
    for _ in range(_MAX_ENTITY_ROUNDS):
        unfolded = html.unescape(text)
        if unfolded == text:
            break
        text = unfolded
    return text


@lru_cache(maxsize=4096)
def _is_dropped(character: str) -> bool:
    if character in _KEPT_CONTROLS:
        return False
    return unicodedata.category(character) in _DROPPED_CATEGORIES or character in _BLANK_LETTERS


@lru_cache(maxsize=1)
def _look_alikes() -> dict[int, str]:
    """Letters of other scripts → the Latin letter that they look like."""
    table: dict[int, str] = {}
    for character, twins in confusables_data.items():
        if len(character) != 1 or character.isascii():
            continue
        for twin in twins:
            if len(twin["c"]) == 1 and twin["c"].isascii() and twin["c"].isalpha():
                table[ord(character)] = twin["c"]
                break
    return table
