"""Strict JSON: what two parsers could read differently is refused before anything looks at it.

Two passes. The fast one is the interpreter's own scanner with hooks that only *suspect*; normal input costs nothing
more. When a hook suspects something, the slow pass reads the text again without losing anything and names the first
offence with its place. Source: RFC 8259, RFC 7493 (I-JSON), RFC 8785 §3.2.2.3 (the integers that survive a double).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

JsonValue = Any

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
FORBIDDEN_NAMES = frozenset({"__proto__", "constructor", "prototype"})
_MAX_DIGITS = 4_300  # the interpreter refuses to read longer ones (CVE-2020-10735)

# A string is one token, closed or not, so that the scan is linear in hostile input too.
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?|[\[{]|[\]}]', re.DOTALL)


class MalformedJsonError(ValueError):
    """Not JSON at all, or not in UTF-8."""

    code = "malformed_json"


class UnacceptableJsonError(ValueError):
    """JSON, but such that readers would disagree on it. `pointer` is the JSON pointer of the member (RFC 6901)."""

    def __init__(self, code: str, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.pointer = pointer


class _SuspectError(Exception):
    """The fast pass saw something that the slow pass shall name."""


class _Members(list[tuple[str, Any]]):
    """The members of an object with nothing lost: order and duplicates."""


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


def parse_json(data: bytes) -> JsonValue:
    """The value of `data`, or a refusal. Whole numbers are within ±(2**53 - 1), all text is valid Unicode without NUL.

    Raises MalformedJsonError, UnacceptableJsonError.
    """
    text = _decode(data)
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and _depth(data) > MAX_DEPTH:
        raise UnacceptableJsonError("nesting_too_deep", f"nested deeper than {MAX_DEPTH} levels")
    try:
        value = _read(text, _FAST)
    except _SuspectError:
        value = _named(text)
    if b"\\u" in data:  # only an escape can bring a lone surrogate or a NUL past UTF-8 and the scanner
        _refuse_invalid_text(value, "")
    return value


def pointer_to(parent: str, name: str | int) -> str:
    """The JSON pointer of a member. Source: RFC 6901 §3."""
    return f"{parent}/{str(name).replace('~', '~0').replace('/', '~1')}"


def _decode(data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise MalformedJsonError("a byte order mark is not allowed")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJsonError(f"not valid UTF-8 at byte {error.start}") from None


def _depth(data: bytes) -> int:
    """The deepest nesting; brackets inside strings do not count."""
    depth = deepest = 0
    for match in _STRUCTURE.finditer(data):
        first = data[match.start()]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest


def _read(text: str, decoder: json.JSONDecoder) -> JsonValue:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedJsonError(f"{error.msg.lower()} at line {error.lineno}, column {error.colno}") from None


def _named(text: str) -> JsonValue:
    """Read again without loss and raise what the fast pass suspected."""
    tree = _read(text, _SLOW)
    for code, message, pointer in _offences(tree, ""):
        raise UnacceptableJsonError(code, message, pointer)
    raise MalformedJsonError("not readable without loss")  # a suspicion that nothing explains is refused as well


def _offences(value: Any, pointer: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, _Members):
        seen: set[str] = set()
        for name, member in value:
            place = pointer_to(pointer, name)
            if name in seen:
                yield "duplicate_key", f"`{name}` appears twice", place
            if name in FORBIDDEN_NAMES:
                yield "unknown_field", f"`{name}` is not a name that is accepted", place
            seen.add(name)
            yield from _offences(member, place)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _offences(item, pointer_to(pointer, index))
    elif isinstance(value, _Number):
        yield from _number_offence(value, pointer)


def _number_offence(text: _Number, pointer: str) -> Iterator[tuple[str, str, str]]:
    is_float = not text.lstrip("-").isdigit()
    if not is_float and len(text) > _MAX_DIGITS:
        raise MalformedJsonError(f"a whole number of more than {_MAX_DIGITS} digits")
    if is_float and float(text) in (float("inf"), float("-inf")):
        yield "non_finite_number", "a number beyond what a double can hold", pointer
    elif abs(float(text) if is_float else int(text)) > MAX_INTEGER:
        yield "unsafe_integer", f"whole numbers must lie within ±{MAX_INTEGER}", pointer


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs) or not FORBIDDEN_NAMES.isdisjoint(value):
        raise _SuspectError
    return value


def _integer(text: str) -> int:
    if len(text) > 17 or abs(value := int(text)) > MAX_INTEGER:
        raise _SuspectError
    return value


def _float(text: str) -> float:
    value = float(text)
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise _SuspectError
    return value


def _constant(name: str) -> None:
    raise MalformedJsonError(f"`{name}` is not JSON")


def _refuse_invalid_text(value: JsonValue, pointer: str) -> None:
    if isinstance(value, str):
        _check_text(value, pointer)
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_text(name, pointer)
            _refuse_invalid_text(member, pointer_to(pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_invalid_text(item, pointer_to(pointer, index))


def _check_text(text: str, pointer: str) -> None:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise UnacceptableJsonError("invalid_unicode", "text with a NUL or half a surrogate pair", pointer)


_FAST = json.JSONDecoder(object_pairs_hook=_members, parse_int=_integer, parse_float=_float, parse_constant=_constant)
_SLOW = json.JSONDecoder(object_pairs_hook=_Members, parse_int=_Number, parse_float=_Number, parse_constant=_constant)
