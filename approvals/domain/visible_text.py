"""Visible text: what an agent or a CRM wrote, with everything that cannot be seen spelled out (APR-03).

A reviewer approves what they read. Direction marks, zero-width characters, control characters and odd spaces make a
text read otherwise than it is, so each becomes a mark like ⟦U+202E⟧. Source: Unicode Technical Report 36 §3.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_KEPT = frozenset("\n\t ")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_HIDDEN_LETTERS = frozenset(
    "\u115f\u1160\u2800\u3164\uffa0\u034f\u180b\u180c\u180d\u180f"
)  # blank, though not by category
_JOINER = "\u200d"
_EMOJI_CATEGORIES = frozenset({"So", "Sk", "Mn"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; a mark stands for one character that cannot be seen."""

    text: str
    is_mark: bool = False


def reveal(text: str) -> tuple[Piece, ...]:
    """`text` as runs of plain text and marks, in order; without marks it is the text again."""
    pieces: list[Piece] = []
    plain_from = 0
    for index in _hidden(text):
        if index > plain_from:
            pieces.append(Piece(text[plain_from:index]))
        pieces.append(Piece(f"⟦U+{ord(text[index]):04X}⟧", is_mark=True))
        plain_from = index + 1
    if plain_from < len(text):
        pieces.append(Piece(text[plain_from:]))
    return tuple(pieces)


def reveal_as_text(text: str) -> str:
    """The same as one string, for attributes and titles."""
    return "".join(piece.text for piece in reveal(text))


def _hidden(text: str) -> Iterator[int]:
    if text.isascii() and text.isprintable():
        return
    for index, character in enumerate(text):
        if character in _KEPT:
            continue
        is_hidden = unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _HIDDEN_LETTERS
        if is_hidden and not (character == _JOINER and _joins_emoji(text, index)):
            yield index


def _joins_emoji(text: str, index: int) -> bool:
    """A joiner between two pictographs makes one picture of them; anywhere else it only hides."""
    around = text[index - 1 : index] + text[index + 1 : index + 2]
    return len(around) == 2 and all(unicodedata.category(character) in _EMOJI_CATEGORIES for character in around)
