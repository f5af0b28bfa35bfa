"""Which values would come back otherwise than they were sent: texts trimmed, numbers rounded, picklists in their own
case, times in UTC without fractions, ids with 18 characters.

They are refused before they are sent, so that a read-back that differs always means something.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from crm_connectors.domain.field_value import is_empty
from crm_connectors.domain.record import JsonValue
from crm_connectors.salesforce.describing import FieldInfo, ObjectInfo
from crm_connectors.salesforce.naming import find_id, read_moment

_WHOLE = frozenset({"int"})
_NUMBERS = frozenset({"double", "currency", "percent"})


def find_respelt(info: ObjectInfo, values: Mapping[str, JsonValue]) -> dict[str, str]:
    """What is wrong, by field; only of fields that are there for us."""
    return {
        name: complaint
        for name, value in values.items()
        if (field := info.find(name)) is not None and (complaint := _complaint(field, value))
    }


def _complaint(field: FieldInfo, value: JsonValue) -> str:
    if is_empty(value):
        return "takes true or false" if field.type == "boolean" else ""
    if isinstance(value, str):
        return _of_text(field, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_number(field, value)
    return ""


def _of_number(field: FieldInfo, value: float) -> str:
    if field.type in _WHOLE:
        return "" if value == int(value) else "takes a whole number"
    if field.type in _NUMBERS and _decimals(value) > field.scale:
        return f"keeps {field.scale} digits after the point"
    return ""


def _of_text(field: FieldInfo, text: str) -> str:
    match field.type:
        case "date":
            return "" if _is_date(text) else "takes a date like 2031-05-17"
        case "datetime":
            return "" if _is_moment(text) else "takes a time like 2031-05-17T09:30:00Z"
        case "reference" | "id":
            return "" if find_id(text) in {None, text} else "takes an id of 18 characters"
        case "picklist":
            is_known = text in field.options
            is_meant = text.strip().casefold() in {option.casefold() for option in field.options}
            return "takes its options as they are spelt" if is_meant and not is_known else ""
        case "textarea":
            return "" if text == text.rstrip() else "keeps no white space at the end"
        case _:
            return "" if text == text.strip() else "keeps no white space around a text"


def _decimals(value: float) -> int:
    try:
        exponent = Decimal(str(value)).normalize().as_tuple().exponent
    except InvalidOperation:
        return 0
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return read_moment(text).strftime("%Y-%m-%dT%H:%M:%SZ") == text
    except ValueError:
        return False
