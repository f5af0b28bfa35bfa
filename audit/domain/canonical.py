"""Canonical bytes: the JSON Canonicalization Scheme, so that equal values hash equal everywhere.

Source: RFC 8785.
"""

import hashlib
from typing import Any

import rfc8785


def canonical_bytes(value: Any) -> bytes:
    """The one byte string of a JSON value. Raises `rfc8785.CanonicalizationError` outside RFC 8785's domain."""
    return rfc8785.dumps(value)


def digest(value: Any) -> str:
    """`sha256:<64 hex digits>` over the canonical bytes."""
    return f"sha256:{hashlib.sha256(canonical_bytes(value)).hexdigest()}"
