"""One spelling for every way to write the same text: width, case, invisible characters, look-alike letters (DNC-03).

Two texts that a person cannot tell apart fold to the same, as far as one of them needs characters outside ASCII. Within
ASCII nothing is folded but case: `jane1` and `janel` are two mailboxes.
"""

import unicodedata
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data

_INVISIBLE = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)}
    | set(range(0xE0000, 0xE1000))
)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_")
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe63\u00ad")
_DOTS = frozenset("\u3002\uff61\uff0e\u2024\ufe52")
_PALOCHKA = {"\u04cf": "l"}  # UTS #39 says i for the small one and l for the capital: case must not part them
_MOST_ROUNDS = 6
_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})


def folded(text: str) -> str:
    """NFKC, default-ignorable characters removed, case folded, decimal digits and confusable letters in ASCII.

    Idempotent. Source: Unicode NFKC_Casefold; UTS #39, the prototypes that lie in ASCII.
    """
    if text.isascii():
        return text.lower()
    for _ in range(_MOST_ROUNDS):
        once = unicodedata.normalize("NFKC", text.translate(_VISIBLE)).casefold().translate(_PROTOTYPES)
        if once == text:
            break
        text = once
    return text


def foldings(text: str) -> tuple[str, ...]:
    """What `folded` undoes in a text, in words: for people who ask why two spellings are one."""
    shown = text.translate(_VISIBLE)
    plain = unicodedata.normalize("NFKC", shown)
    small = plain.casefold()
    found = (
        ("capital letters", small != plain),
        ("invisible characters", len(shown) != len(text)),
        ("full-width or composed letters", plain != shown),
        ("letters of another script that look the same", small.translate(_PROTOTYPES) != small),
    )
    return tuple(words for words, is_there in found if is_there)


def has_control(text: str) -> bool:
    """Whether a text holds a control character or half a surrogate: no address does."""
    return not text.isprintable() and any(unicodedata.category(char) in {"Cc", "Cs"} for char in text)


@lru_cache(maxsize=4096)
def is_mixed_script(text: str) -> bool:
    """Whether one word of the text mixes scripts of which at least one has look-alikes of the others' letters."""
    if text.isascii():
        return False
    words = "".join(char if char.isalpha() else " " for char in text.translate(_VISIBLE)).split()
    return any(len({_script(char) for char in word}) > 1 for word in words)


def _script(char: str) -> str:
    name = unicodedata.name(char, "").partition(" ")[0]
    return name if name in _SCRIPTS else ""


class _Visible(dict[int, int | str | None]):
    """Drops what shows nothing; several dots and dashes that normalisation leaves alone become the ASCII ones."""

    def __missing__(self, code: int) -> int | str | None:
        char = chr(code)
        if char in _DOTS:
            kept: int | str | None = "."
        elif code in _INVISIBLE or unicodedata.category(char) == "Cf":
            kept = None
        else:
            kept = "-" if char in _DASHES else code
        self[code] = kept
        return kept


class _Prototypes(dict[int, int | str]):
    """A character outside ASCII to the ASCII text that it looks like, small or as a capital."""

    def __missing__(self, code: int) -> int | str:
        char = chr(code)
        found: int | str = code
        if code > 127:
            digit = unicodedata.decimal(char, None)
            found = str(digit) if digit is not None else (_prototype(char) or _prototype(char.upper()) or code)
        self[code] = found
        return found


def _prototype(char: str) -> str:
    if char in _PALOCHKA:
        return _PALOCHKA[char]
    for item in confusables_data.get(char, ()):
        text = item["c"].lower()
        if _PLAIN.issuperset(text):
            return str(text)
    return ""


_VISIBLE = _Visible()
_PROTOTYPES = _Prototypes()
