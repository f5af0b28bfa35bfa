"""Salesforce's record ids: 15 characters that mind upper and lower case, and 3 more that say which are upper."""

import re
import string

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SUFFIX = string.ascii_uppercase + "012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")


def make_id(prefix: str, serial: int) -> str:
    """The 18-character id of an object's `serial`-th record. Ids sort as they were made."""
    digits = ""
    for _ in range(9):
        serial, digit = divmod(serial, 62)
        digits = _DIGITS[digit] + digits
    return long_id(f"{prefix}SIM{digits}")


def long_id(short: str) -> str:
    """18 characters of 15: each suffix character tells the upper-case letters of five."""
    suffix = ""
    for start in (0, 5, 10):
        part = short[start : start + 5]
        suffix += _SUFFIX[sum(1 << bit for bit, letter in enumerate(part) if letter.isupper())]
    return short[:15] + suffix


def read_id(text: str) -> str | None:
    """The 18-character id that this text means; None when it is no id at all."""
    return long_id(text[:15]) if _SHAPE.fullmatch(text) else None
