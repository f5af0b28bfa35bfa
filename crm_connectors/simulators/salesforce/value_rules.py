"""What a field takes and what the org makes of it: types, lengths, scales, picklists, trimmed texts."""

import math
import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from crm_connectors.simulators.salesforce.definition import TEXTS, FieldDefinition, Value
from crm_connectors.simulators.salesforce.errors import ApiError
from crm_connectors.simulators.salesforce.record_id import read_id

_EMAIL = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z0-9-]{2,}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBERS = frozenset({"int", "double", "currency", "percent"})


def store(field: FieldDefinition, given: object) -> Value:
    """The value as it will be kept. Raises ApiError for what this field does not take."""
    if given is None or given == "":
        return False if field.type == "boolean" else None
    if field.type == "boolean":
        return _boolean(given)
    if field.type in _NUMBERS:
        return _number(field, given)
    if not isinstance(given, str):
        raise _unreadable("string", given)
    return _text(field, given)


def _boolean(given: object) -> bool:
    if not isinstance(given, bool):
        raise _unreadable("boolean", given)
    return given


def _number(field: FieldDefinition, given: object) -> int | float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise _unreadable("double", given)
    if field.type == "int":
        if given != int(given):
            raise _unreadable("int", given)
        if abs(given) >= 10**field.precision:
            raise _out_of_range(field)
        return int(given)
    rounded = Decimal(str(given)).quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)
    if abs(rounded) >= Decimal(10) ** (field.precision - field.scale):
        raise _out_of_range(field)
    return float(rounded)


def _text(field: FieldDefinition, given: str) -> Value:
    kept = given.strip() if field.type != "textarea" else given.rstrip()
    if not kept:
        return None
    if field.type in {"date", "datetime"}:
        return _moment(field, kept)
    if field.type == "picklist":
        return _option(field, kept)
    if field.type == "email" and not _EMAIL.fullmatch(kept):
        raise ApiError(400, "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {kept}", (field.name,))
    if field.type == "reference":
        return _reference(field, kept)
    if field.type in TEXTS and field.length and len(kept) > field.length:
        message = f"{field.label}: data value too large: {kept[:40]} (max length={field.length})"
        raise ApiError(400, "STRING_TOO_LONG", message, (field.name,))
    return kept


def _option(field: FieldDefinition, given: str) -> str:
    """A defined value, whatever its case; another one only where the picklist is not restricted."""
    known = {option.casefold(): option for option in field.options}
    if given.casefold() in known:
        return known[given.casefold()]
    if field.is_restricted:
        message = f"{field.label}: bad value for restricted picklist field: {given}"
        raise ApiError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
    return given


def _reference(field: FieldDefinition, given: str) -> str:
    found = read_id(given)
    if found is None:
        raise ApiError(400, "MALFORMED_ID", f"{field.label}: id value of incorrect type: {given}", (field.name,))
    return found


def _moment(field: FieldDefinition, given: str) -> str:
    try:
        if field.type == "date":
            if not _DATE.fullmatch(given[:10]):
                raise ValueError
            return date.fromisoformat(given[:10]).isoformat()
        moment = datetime.fromisoformat(given.replace("+0000", "+00:00"))
    except ValueError:
        raise _unreadable(field.type, given) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _unreadable(wanted: str, given: object) -> ApiError:
    kind = {str: "VALUE_STRING", bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT"}
    message = f"Cannot deserialize instance of {wanted} from {kind.get(type(given), 'START_OBJECT')} value {given}"
    return ApiError(400, "JSON_PARSER_ERROR", message)


def _out_of_range(field: FieldDefinition) -> ApiError:
    message = f"{field.label}: value outside of valid range on numeric field"
    return ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))
