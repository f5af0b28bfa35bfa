"""Values both ways. On the wire every one is a text, and empty is "" one way and null the other.

What HubSpot would store in another spelling than it was sent is refused before it is sent: then what is read back is
what was agreed to, or something is wrong.
"""

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal

from crm_connectors.domain.record import JsonValue
from crm_connectors.hubspot.properties import MAX_TEXT, Property
from governance.domain.vocabulary import FieldType

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_MIDDAY = "T12:00:00Z"  # of a day that HubSpot keeps as a moment: the same day in most people's zones
_MS = re.compile(r"-?[0-9]{1,15}")


class UnfitValueError(ValueError):
    """The value does not fit its property; the message says what would, and never the value."""


def to_wire(item: Property, value: JsonValue) -> str:
    """The text to send; "" empties. Raises UnfitValueError."""
    if value is None or value == "":
        return ""
    match item.type:
        case FieldType.BOOLEAN:
            _require(isinstance(value, bool), "takes true or false")
            return "true" if value else "false"
        case FieldType.INTEGER | FieldType.NUMBER:
            return _number(value)
        case FieldType.DATE:
            _require(isinstance(value, str) and _is_date(value), "takes a date like 2031-05-17")
            return f"{value}{_MIDDAY}" if item.is_day else str(value)
        case FieldType.DATETIME:
            _require(isinstance(value, str) and _moment(value) == value, "takes a UTC time like 2031-05-17T09:30:00Z")
        case FieldType.EMAIL:
            is_plain = isinstance(value, str) and value == value.strip().lower()
            _require(is_plain, "takes an email address in small letters, as HubSpot keeps it")
        case _:
            _require(isinstance(value, str) and len(value) <= MAX_TEXT, f"takes text, at most {MAX_TEXT} characters")
            if item.is_set:
                _require(value == _in_order(item, value), "takes options in the portal's order, separated by `;`")
    return str(value)


def from_wire(item: Property, text: str | None) -> JsonValue:
    """Our value; what HubSpot holds in a form that its type does not have is given as the text that it is."""
    if text is None or text == "":
        return None
    match item.type:
        case FieldType.BOOLEAN:
            return {"true": True, "false": False}.get(text, text)
        case FieldType.INTEGER | FieldType.NUMBER:
            return _read_number(text)
        case FieldType.DATETIME:
            return _moment(text) or text
        case FieldType.DATE if item.is_day or _MS.fullmatch(text):
            return (_moment(text) or text)[:10]
        case _:
            return _in_order(item, text) if item.is_set else text


def _require(condition: bool, complaint: str) -> None:  # noqa: FBT001 (reads as a sentence)
    if not condition:
        raise UnfitValueError(complaint)


def _number(value: JsonValue) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    _require(is_number, "takes a number")
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def _read_number(text: str) -> JsonValue:
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _moment(text: str) -> str:
    """ISO or milliseconds as one spelling: UTC with `Z`, milliseconds only where there are some; "" for neither."""
    try:
        is_number = _MS.fullmatch(text) is not None
        moment = datetime.fromtimestamp(int(text) / 1000, UTC) if is_number else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return ""
    if moment.tzinfo is None:
        return ""
    moment = moment.astimezone(UTC)
    fraction = f".{moment.microsecond // 1000:03d}" if moment.microsecond else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _in_order(item: Property, text: str) -> str:
    """The options of a set once each, known ones in the portal's order, before those it no longer knows."""
    parts = {part for part in text.split(";") if part}
    known = [option for option in item.options if option in parts]
    return ";".join([*known, *sorted(parts.difference(known))])
