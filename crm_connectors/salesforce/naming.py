"""Names, ids and values on their way to and from the wire."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from crm_connectors.domain.record import JsonValue
from crm_connectors.port import NotFoundError
from governance.domain.record_id import long_id

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")
_WIRE_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})")


def check_name(name: str) -> str:
    """An object's or field's API name. Raises NotFoundError for what cannot be one."""
    if not _NAME.fullmatch(name):
        raise NotFoundError("no such object or field")
    return name


def find_id(record_id: str) -> str | None:
    """The 18-character form of a record id; None for what cannot be one, as when its last three are not its own."""
    if not _ID.fullmatch(record_id):
        return None
    found = long_id(record_id[:15])
    return found if found.startswith(record_id) else None


def find_ids(record_ids: Iterable[str]) -> dict[str, str]:
    """The 18-character forms by the ids given; what cannot be an id is left out."""
    return {record_id: found for record_id in record_ids if (found := find_id(record_id)) is not None}


def check_id(record_id: str) -> str:
    """Raises NotFoundError."""
    found = find_id(record_id)
    if found is None:
        raise NotFoundError("there is no record of this id")
    return found


def quote_segment(text: str) -> str:
    """One segment of a path."""
    return quote(text, safe="")


def read_moment(text: str) -> datetime:
    """A datetime as the API writes it. Raises ValueError."""
    return datetime.fromisoformat(re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", text)).astimezone(UTC)


def http_date(moment: datetime) -> str:
    """For If-Unmodified-Since: whole seconds."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def from_wire(value: JsonValue) -> JsonValue:
    """Datetimes in the one form that the product writes them in; everything else as it came."""
    if isinstance(value, str) and _WIRE_MOMENT.fullmatch(value):
        return read_moment(value).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def is_plain(value: JsonValue) -> bool:
    """Whether a field of a record can hold this: no lists, no objects."""
    return value is None or isinstance(value, str | int | float | bool)
