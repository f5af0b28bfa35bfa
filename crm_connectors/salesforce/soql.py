"""SOQL texts. Every value is a literal made here; names have passed `check_name`."""

import math
from collections.abc import Iterable, Mapping, Sequence

from crm_connectors.domain.record import JsonValue
from crm_connectors.port import NotFoundError, RejectedError
from crm_connectors.salesforce.naming import check_id, check_name, read_moment

_ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)
_BARE = frozenset({"date", "datetime"})


def literal(value: JsonValue, field_type: str) -> str:
    """A value as SOQL spells it for a field of this type. Raises RejectedError for what no field holds."""
    if value is None or value == "":
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise RejectedError("this is no number")
        return repr(value)
    if not isinstance(value, str):
        raise RejectedError("a search takes texts, numbers, true, false and nothing")
    return _moment(value, field_type) if field_type in _BARE else text_literal(value)


def text_literal(text: str) -> str:
    """A quoted text, with everything escaped that could end it."""
    return f"'{text.translate(_ESCAPES)}'"


def select(
    fields: Iterable[str], object_type: str, where: Sequence[str] = (), *, order: str = "", limit: int | None = None
) -> str:
    """A query. `where` are whole conditions, joined by AND."""
    names = ", ".join(dict.fromkeys(check_name(field) for field in fields))
    text = f"SELECT {names} FROM {check_name(object_type)}"  # noqa: S608 (names checked, values made by `literal`)
    if where:
        text += " WHERE " + " AND ".join(where)
    if order:
        text += f" ORDER BY {order}"
    return text if limit is None else f"{text} LIMIT {int(limit)}"


def equals(filters: Mapping[str, JsonValue], types: Mapping[str, str]) -> list[str]:
    """One condition for each filter. Raises NotFoundError for a field that the object does not have."""
    conditions = []
    for name, value in filters.items():
        if name.casefold() not in types:
            raise NotFoundError("no such field to search by")
        conditions.append(f"{check_name(name)} = {literal(value, types[name.casefold()])}")
    return conditions


def id_list(field: str, ids: Iterable[str]) -> str:
    """`field IN (…)`. Raises NotFoundError for what is no id."""
    return f"{check_name(field)} IN ({', '.join(text_literal(check_id(item)) for item in ids)})"


def _moment(text: str, field_type: str) -> str:
    """Dates and datetimes stand without quotes, so that they are made anew and not passed on."""
    try:
        moment = read_moment(text if "T" in text else f"{text}T00:00:00+00:00")
    except ValueError:
        raise RejectedError("this is no date") from None
    return moment.strftime("%Y-%m-%d" if field_type == "date" else "%Y-%m-%dT%H:%M:%SZ")
