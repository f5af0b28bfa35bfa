"""Canonical bytes: the JSON Canonicalization Scheme, so that equal values hash equal everywhere.

Source: RFC 8785.
"""

import hashlib
import json
from typing import Any

import rfc8785

_MAX_SAFE_INTEGER = 2**53 - 1
_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def canonical_bytes(value: Any) -> bytes:
    """The one byte string of a JSON value. Raises `rfc8785.CanonicalizationError` outside RFC 8785's domain.

    Plain values (common floats, ASCII keys) go through the C encoder, whose escapes and order are RFC 8785 §3.2
    and which takes a third of the time; everything else goes through the reference implementation.
    """
    if not _is_plain(value):
        return rfc8785.dumps(value)
    try:
        return _encode(value).encode()
    except UnicodeEncodeError as error:
        raise rfc8785.CanonicalizationError("a text holds a lone surrogate") from error


def digest(value: Any) -> str:
    """`sha256:<64 hex digits>` over the canonical bytes."""
    return f"sha256:{hashlib.sha256(canonical_bytes(value)).hexdigest()}"


def _is_plain(value: Any) -> bool:
    """Whether Python's own encoder writes RFC 8785 for `value`: exact types, safe integers, ASCII keys, common floats.

    ASCII keys sort alike by code point and by UTF-16 unit; whole, tiny and huge floats need ECMAScript's notation.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return all(type(key) is str and key.isascii() for key in value) and all(map(_is_plain, value.values()))
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))
    if kind is float:  # written without an exponent by both, and with the same shortest digits
        return 1e-4 <= abs(value) < 1e15 and not value.is_integer()
    return kind is int and -_MAX_SAFE_INTEGER <= value <= _MAX_SAFE_INTEGER
