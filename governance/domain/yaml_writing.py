"""Values as canonical YAML: one way to write each value, so that the same policy is the same file, byte for byte.

Sections are block lists of block mappings; whatever is nested deeper stands on one line. What could be read as anything
but text is quoted. Source: YAML 1.2.2, chapters 5, 7 and 10.3.
"""

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+(-][A-Za-z0-9_./@+)-]*)*")
_WORDS_OF_OTHER_KINDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"})


def write_sections(head: Mapping[str, Any], sections: Mapping[str, Sequence[Mapping[str, Any]]], comment: str) -> str:
    """The whole file: comment lines, scalars, then one block list a section, in the order given."""
    lines = [f"# {line}" if line else "#" for line in comment.splitlines()]
    lines += [f"{name}: {write_value(value)}" for name, value in head.items()]
    for name, rows in sections.items():
        lines += ["", f"{name}:{'' if rows else ' []'}"]
        for row in rows:
            lines += [
                f"{'  - ' if position == 0 else '    '}{column}: {write_value(value)}"
                for position, (column, value) in enumerate(row.items())
            ]
    return "\n".join(lines) + "\n"


def write_value(value: Any) -> str:
    """One value on one line. Members of mappings are sorted. Raises TypeError for what is no JSON value."""
    match value:
        case list() | tuple():
            return f"[{', '.join(write_value(item) for item in value)}]"
        case dict():
            members = (f"{_text(str(name))}: {write_value(item)}" for name, item in sorted(value.items()))
            return f"{{{', '.join(members)}}}"
        case str():
            return _text(value)
        case _:
            return _scalar(value)


def _scalar(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if isfinite(value):
            text = repr(value)
            return text if "." in text or "e" not in text else text.replace("e", ".0e")
        case _:
            raise TypeError(f"`{value!r}` cannot be written to a policy file")


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_OTHER_KINDS:
        return value
    return f'"{"".join(_quoted(character) for character in value)}"'


def _quoted(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    if character == "\n":
        return "\\n"
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65_536 else f"\\U{code:08x}"
