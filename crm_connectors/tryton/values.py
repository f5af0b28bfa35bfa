"""Values on Tryton's wire and ours. Empty is None with us, and None or an empty text with Tryton."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crm_connectors.domain.record import JsonValue
from crm_connectors.port import RejectedError
from crm_connectors.tryton.describing import FieldInfo

_PARTS = ("year", "month", "day", "hour", "minute", "second", "microsecond")


def from_wire(value: Any) -> JsonValue:
    """As our records hold it: dates and times as ISO 8601 text, times in UTC."""
    match value:
        case {"__class__": "Decimal", "decimal": text}:
            return float(text)
        case {"__class__": "date", "year": year, "month": month, "day": day}:
            return date(year, month, day).isoformat()
        case {"__class__": "datetime"}:
            return read_moment(value).isoformat().replace("+00:00", "Z")
        case "":
            return None
    return value


def read_moment(value: dict[str, int]) -> datetime:
    """A time as Tryton writes it: without a zone, in UTC."""
    return datetime(*(value[part] for part in _PARTS), tzinfo=UTC)  # type: ignore[misc, arg-type]


def of_field(field: FieldInfo, value: Any) -> JsonValue:
    """A reference is text with us: an id."""
    if field.wire_type in ("many2one", "one2one") and value is not None:
        return str(value)
    return from_wire(value)


def to_wire(field: FieldInfo, value: JsonValue) -> Any:
    """Raises RejectedError, which names the field, for a value that is not of its type."""
    if value is None:
        return None
    if field.options and value not in field.options:
        raise _refused(field, "not one of its options")
    try:
        return _WRITERS.get(field.wire_type, _text)(value)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise _refused(field, f"this is no {field.wire_type}") from error


def _refused(field: FieldInfo, words: str) -> RejectedError:
    return RejectedError(f"`{field.name}`: {words}", errors={field.name: words})


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _integer(value: JsonValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _boolean(value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _decimal(value: JsonValue) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": str(Decimal(str(value)))}


def _day(value: JsonValue) -> dict[str, Any]:
    day = date.fromisoformat(value)
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def _moment(value: JsonValue) -> dict[str, Any]:
    moment = datetime.fromisoformat(value)
    return moment_to_wire(moment.astimezone(UTC) if moment.tzinfo else moment)


def moment_to_wire(moment: datetime) -> dict[str, Any]:
    """A time in UTC as Tryton writes it."""
    return {"__class__": "datetime", **{part: getattr(moment, part) for part in _PARTS}}


_WRITERS: dict[str, Callable[[JsonValue], Any]] = {
    "integer": _integer,
    "boolean": _boolean,
    "float": float,
    "numeric": _decimal,
    "date": _day,
    "datetime": _moment,
    "timestamp": _moment,
    "many2one": int,
    "one2one": int,
}
