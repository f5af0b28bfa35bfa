"""Running a query: which rows, in which order, and what a client gets of them page by page."""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from crm_connectors.simulators.salesforce.definition import FieldDefinition, ObjectDefinition, Value
from crm_connectors.simulators.salesforce.errors import ApiError, not_found
from crm_connectors.simulators.salesforce.org import Org, Row, User, field_for, object_for
from crm_connectors.simulators.salesforce.record_id import make_id, read_id
from crm_connectors.simulators.salesforce.schema import OBJECTS
from crm_connectors.simulators.salesforce.soql import Combined, Comparison, Condition, Query, parse

DEFAULT_PAGE = 2000
MAX_CURSORS = 200
_CASED = frozenset({"id", "reference", "date", "datetime"})


class Cursors:
    """Query results that clients are still paging through; the oldest are forgotten."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, tuple[list[dict[str, Any]], int]] = OrderedDict()
        self._serial = 0

    def keep(self, records: list[dict[str, Any]], page: int) -> str:
        """The locator of these records."""
        self._serial += 1
        locator = make_id("01g", self._serial)
        self._results[locator] = (records, page)
        while len(self._results) > MAX_CURSORS:
            self._results.popitem(last=False)
        return locator

    def get(self, locator: str) -> tuple[list[dict[str, Any]], int]:
        """Records and page size. Raises ApiError for a locator that is not (or no longer) known."""
        if locator not in self._results:
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._results[locator]


def run_query(org: Org, user: User, text: str, *, version: str, has_deleted: bool) -> tuple[list[dict[str, Any]], int]:
    """The records as the wire shows them, and their number (of `COUNT()`, which has no records). Raises ApiError."""
    query = parse(text)
    try:
        definition = object_for(query.object)
    except ApiError:
        message = f"sObject type '{query.object}' is not supported."
        raise ApiError(400, "INVALID_TYPE", message) from None
    fields = [field_for(user, definition, name) for name in query.fields]
    keeps = _compile(user, definition, query.where)
    rows = [row for row in org.rows[definition.name].values() if (has_deleted or not row.is_deleted) and keeps(row)]
    for name, is_descending in reversed(query.order):
        key = _sort_key(field_for(user, definition, name))
        rows.sort(key=key, reverse=is_descending)
    rows = _cut(rows, query)
    if not fields:
        return [], len(rows)
    names = [field.name for field in fields]
    return [show(row, names, version) for row in rows], len(rows)


def show(row: Row, names: list[str], version: str) -> dict[str, Any]:
    """One record as the wire shows it."""
    url = f"/services/data/v{version}/sobjects/{row.object}/{row.id}"
    return {"attributes": {"type": row.object, "url": url}} | {name: row.values.get(name) for name in names}


def page_of(records: list[dict[str, Any]], *, start: int, size: int, next_url: Callable[[int], str]) -> dict[str, Any]:
    """One page of a query's answer."""
    if start > len(records):
        raise not_found()
    end = start + size
    body: dict[str, Any] = {"totalSize": len(records), "done": end >= len(records)}
    if end < len(records):
        body["nextRecordsUrl"] = next_url(end)
    return {**body, "records": records[start:end]}


def _cut(rows: list[Row], query: Query) -> list[Row]:
    if query.offset > 2000:
        raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
    end = None if query.limit is None else query.offset + query.limit
    return rows[query.offset : end]


def _compile(user: User, definition: ObjectDefinition, where: Condition | None) -> Callable[[Row], bool]:
    match where:
        case None:
            return lambda _: True
        case Comparison():
            field = field_for(user, definition, where.field)
            test = _test(field, where)
            return lambda row: test(row.values)
        case Combined(operator="not"):
            inner = _compile(user, definition, where.parts[0])
            return lambda row: not inner(row)
        case Combined(operator="and"):
            parts = [_compile(user, definition, part) for part in where.parts]
            return lambda row: all(part(row) for part in parts)
        case Combined():
            others = [_compile(user, definition, part) for part in where.parts]
            return lambda row: any(part(row) for part in others)


def _test(field: FieldDefinition, comparison: Comparison) -> Callable[[Mapping[str, Value]], bool]:
    if field.type == "textarea" and field.length > 255:
        message = f"field '{field.name}' can not be filtered in a query call"
        raise ApiError(400, "INVALID_FIELD", message)
    operator, wanted = comparison.operator, comparison.value
    if isinstance(wanted, tuple):
        accepted = {_fold(field, _typed(field, value)) for value in wanted}
        return lambda values: (_fold(field, values.get(field.name)) in accepted) is (operator == "in")
    if operator == "like":
        pattern = _like(str(wanted))
        return lambda values: pattern.fullmatch(str(values.get(field.name) or "")) is not None
    folded = _fold(field, _typed(field, wanted))
    return lambda values: _holds(operator, _fold(field, values.get(field.name)), folded)


def _typed(field: FieldDefinition, value: Value) -> Value:
    """A literal that this field can be compared with. Raises ApiError."""
    if value is None or field.type == "anyType":
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    wants_number = field.type in {"int", "double", "currency", "percent"}
    if wants_number != is_number or (field.type == "boolean") != isinstance(value, bool):
        message = f"value of filter criterion for field '{field.name}' must be of type {field.type}"
        raise ApiError(400, "INVALID_FIELD", message)
    if field.type in {"id", "reference"}:
        found = read_id(str(value))
        if found is None:
            raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value}")
        return found
    return value


def _fold(field: FieldDefinition, value: Value) -> Value:
    """Text is compared without regard to case; a missing one is null."""
    if isinstance(value, str) and field.type not in _CASED:
        return value.casefold()
    if isinstance(value, str) and field.type == "datetime":
        return value.replace("Z", ".000+0000") if value.endswith("Z") and "." not in value else value
    return value


def _holds(operator: str, left: Value, right: Value) -> bool:
    if operator in {"=", "!="}:
        return (left == right) is (operator == "=")
    if left is None or right is None:
        return False
    compared = (left > right) - (left < right)  # type: ignore[operator]  # the field's type made them alike
    return {"<": compared < 0, "<=": compared <= 0, ">": compared > 0, ">=": compared >= 0}[operator]


def _like(text: str) -> re.Pattern[str]:
    """`%` any text, `_` one character, both escaped by a backslash."""
    parts = re.findall(r"\\[_%]|.", text, re.DOTALL)
    pattern = "".join({"%": ".*", "_": "."}.get(part) or re.escape(part[-1]) for part in parts)
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def _sort_key(field: FieldDefinition) -> Callable[[Row], tuple[bool, Any]]:
    def key(row: Row) -> tuple[bool, Any]:
        value = _fold(field, row.values.get(field.name))
        return (value is not None, 0 if value is None else value)

    return key


def object_of(record_id: str) -> ObjectDefinition | None:
    """The object whose ids begin so."""
    return next((item for item in OBJECTS.values() if item.prefix == record_id[:3]), None)
