"""What a property accepts, and what it makes of it. Values are texts or None; numbers and booleans are tolerated."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from crm_connectors.simulators.hubspot.clock import iso_value
from crm_connectors.simulators.hubspot.definition import PropertyDefinition
from crm_connectors.simulators.hubspot.wire import Json, PropertyError

MAX_TEXT = 65_536
_DAY_MS = 86_400_000
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_EMAIL = re.compile(r"[^@\s]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_MS = re.compile(r"-?[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Taken:
    """What is stored. `raw` is what was sent, where the portal made something else of it and says so."""

    value: str | None
    raw: str = ""


def take_value(definition: PropertyDefinition, sent: Json, *, stored: str | None, is_strict: bool) -> Taken:
    """The value as it will be stored. Raises PropertyError."""
    if definition.is_read_only or definition.is_calculated:
        message = f'"{definition.name}" is a read only property; its value cannot be set.'
        raise PropertyError(definition.name, "READ_ONLY_VALUE", message)
    text = _as_text(definition, sent)
    if text == "":
        return Taken(None)
    match definition.type:
        case "number":
            return Taken(_number(definition, text))
        case "bool" | "enumeration":
            return Taken(_option(definition, text, stored))
        case "date":
            return _date(definition, text, is_strict)
        case "datetime":
            return Taken(_datetime(definition, text))
        case _:
            return Taken(_text(definition, text))


def _as_text(definition: PropertyDefinition, sent: Json) -> str:
    if sent is None:
        return ""
    if isinstance(sent, bool):
        return "true" if sent else "false"
    if isinstance(sent, str | int | float):
        return str(sent)
    raise PropertyError(definition.name, "INVALID_VALUE", "a property takes one value")


def _number(definition: PropertyDefinition, text: str) -> str:
    if _NUMBER.fullmatch(text.strip()) is None:
        raise PropertyError(definition.name, "INVALID_INTEGER", f"{text} was not a valid number.")
    return text.strip()


def _option(definition: PropertyDefinition, text: str, stored: str | None) -> str:
    if definition.referenced_object:
        return text
    wanted = [text]
    if definition.field_type == "checkbox":
        kept = (stored or "").split(";") if text.startswith(";") else []
        wanted = list(dict.fromkeys(part for part in [*kept, *text.split(";")] if part))
    known = {value for value, _ in definition.options}
    for value in wanted:
        if value not in known:
            message = f"{value} was not one of the allowed options: {sorted(known)}"
            raise PropertyError(definition.name, "INVALID_OPTION", message)
    return ";".join(wanted)


def _date(definition: PropertyDefinition, text: str, is_strict: bool) -> Taken:  # noqa: FBT001
    """A day, or milliseconds at midnight UTC; the strict version makes the day of any moment, and says so."""
    try:
        return Taken(date.fromisoformat(text).isoformat())
    except ValueError:
        ms = _moment(definition, text, "INVALID_DATE")
    if ms % _DAY_MS and not is_strict:
        message = f"{text} is at {datetime.fromtimestamp(ms / 1000, UTC):%H:%M:%S.%f} UTC, not midnight!"
        raise PropertyError(definition.name, "INVALID_DATE", message)
    return Taken(datetime.fromtimestamp(ms / 1000, UTC).date().isoformat(), raw=text)


def _datetime(definition: PropertyDefinition, text: str) -> str:
    return iso_value(_moment(definition, text, "INVALID_DATE"))


def _moment(definition: PropertyDefinition, text: str, code: str) -> int:
    if _MS.fullmatch(text):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise PropertyError(definition.name, code, f"{text} was not a valid date.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _text(definition: PropertyDefinition, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise PropertyError(definition.name, "INVALID_LENGTH", f"{definition.name} takes at most {MAX_TEXT} characters")
    if definition.name == "email":
        if _EMAIL.fullmatch(text.strip()) is None:
            raise PropertyError("email", "INVALID_EMAIL", f"Email address {text} is invalid")
        return text.strip().lower()
    if definition.name == "domain":
        return text.strip().lower()
    return text
