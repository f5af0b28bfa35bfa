"""What the embedded CRM accepts in a field: type, format, picklist, length, read-only and required, as real CRMs do.

It judges on its own: a CRM knows nothing of our policy, and what policy let through may still be refused here.
Complaints never repeat the value. Empty is `None`; an empty text empties a field.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from crm_connectors.domain.record import JsonValue
from governance.domain.schema import FieldSchema
from governance.domain.vocabulary import FieldType

MAX_SAFE_INTEGER = 2**53 - 1  # RFC 8785 §3.2.2.3: what every JSON reader keeps exactly
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL's jsonb takes neither
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,240}\.[A-Za-z0-9-]{2,}")
_URL = re.compile(r"https?://[^\s\x00-\x1f]{1,2000}", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9 ().x/-]{5,40}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def find_complaints(
    fields: Mapping[str, FieldSchema], values: Mapping[str, JsonValue], *, is_new: bool
) -> dict[str, str]:
    """What is wrong with writing these values, by field; empty when they may be written.

    With `is_new`, required fields that `values` leaves out are missing too.
    """
    complaints = {
        name: complaint for name, value in values.items() if (complaint := _complaint(fields.get(name), value))
    }
    if is_new:
        left_out = (name for name, field in fields.items() if field.is_required and name not in values)
        complaints.update(dict.fromkeys(left_out, "is required"))
    return complaints


def is_empty(value: JsonValue) -> bool:
    """Whether a CRM field with this value counts as empty."""
    return value is None or value == ""


def is_same_value(left: JsonValue, right: JsonValue) -> bool:
    """Whether two values are one to a CRM: 1 and 1.0 are, 1 and true are not, None and an empty text are."""
    if is_empty(left) or is_empty(right):
        return is_empty(left) and is_empty(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _complaint(field: FieldSchema | None, value: JsonValue) -> str:
    if field is None:
        return "is no field of this object"
    if field.is_read_only:
        return "is read-only"
    if is_empty(value):
        return "is required" if field.is_required else ""
    return _type_complaint(field, value) or _text_complaint(field, value)


def _type_complaint(field: FieldSchema, value: JsonValue) -> str:
    if field.options and value not in field.options:
        return "takes one of its options"
    return "" if _JUDGES[FieldType(field.type)](value) else _WANTED[FieldType(field.type)]


def _text_complaint(field: FieldSchema, value: JsonValue) -> str:
    if not isinstance(value, str):
        return ""
    if _UNSTORABLE.search(value):
        return "holds characters that cannot be stored"
    if field.max_length is not None and len(value) > field.max_length:
        return f"takes at most {field.max_length} characters"
    return ""


def _is_line(value: JsonValue) -> bool:
    return isinstance(value, str) and "\n" not in value and "\r" not in value


def _is_integer(value: JsonValue) -> bool:
    return type(value) is int and abs(value) <= MAX_SAFE_INTEGER


def _is_number(value: JsonValue) -> bool:
    return _is_integer(value) or (type(value) is float and math.isfinite(value))


def _is_date(value: JsonValue) -> bool:
    return isinstance(value, str) and _DATE.fullmatch(value) is not None and _parses(date.fromisoformat, value)


def _is_datetime(value: JsonValue) -> bool:
    return (
        isinstance(value, str)
        and "T" in value
        and _parses(datetime.fromisoformat, value)
        and datetime.fromisoformat(value).tzinfo is not None
    )


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[JsonValue], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_JUDGES: dict[FieldType, Callable[[JsonValue], bool]] = {
    FieldType.STRING: _is_line,
    FieldType.TEXT: lambda value: isinstance(value, str),
    FieldType.INTEGER: _is_integer,
    FieldType.NUMBER: _is_number,
    FieldType.BOOLEAN: lambda value: isinstance(value, bool),
    FieldType.DATE: _is_date,
    FieldType.DATETIME: _is_datetime,
    FieldType.PICKLIST: lambda value: isinstance(value, str),
    FieldType.EMAIL: _matches(_EMAIL),
    FieldType.PHONE: _matches(_PHONE),
    FieldType.URL: _matches(_URL),
    FieldType.REFERENCE: _is_line,
}
_WANTED: dict[FieldType, str] = {
    FieldType.STRING: "takes one line of text",
    FieldType.TEXT: "takes text",
    FieldType.INTEGER: "takes a whole number",
    FieldType.NUMBER: "takes a number",
    FieldType.BOOLEAN: "takes true or false",
    FieldType.DATE: "takes a date like 2031-05-17",
    FieldType.DATETIME: "takes a time with its offset, like 2031-05-17T09:30:00Z",
    FieldType.PICKLIST: "takes one of its options",
    FieldType.EMAIL: "takes one email address",
    FieldType.PHONE: "takes a phone number",
    FieldType.URL: "takes an http or https address",
    FieldType.REFERENCE: "takes an id",
}
