"""Search over an index that lags behind: what was written a moment ago is not found, or found as it was."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crm_connectors.simulators.hubspot.records import StoredRecord
from crm_connectors.simulators.hubspot.wire import Json, invalid

MAX_GROUPS, MAX_FILTERS, MAX_ALL_FILTERS, MAX_QUERY, MAX_RESULTS, MAX_PAGE = 5, 6, 18, 3000, 10_000, 200


@dataclass(frozen=True, slots=True)
class Indexed:
    """A record as the index knows it."""

    id: str
    values: Mapping[str, str]
    created_at: int
    updated_at: int


class SearchIndex:
    """Per object type. The caller holds the portal's lock."""

    def __init__(self) -> None:
        self.delay_seconds = 0.0
        self._known: dict[str, dict[str, Indexed]] = {}
        self._coming: deque[tuple[int, str, str, Indexed | None]] = deque()

    def clear(self) -> None:
        self._known.clear()
        self._coming.clear()

    def note(self, record: StoredRecord, at: int) -> None:
        """The record as it is now, to be found after the delay; an archived one is to vanish."""
        state = None
        if record.archived_at is None:
            state = Indexed(record.id, dict(record.values), record.created_at, record.updated_at)
        self._coming.append((at, record.object, record.id, state))

    def search(self, object_type: str, body: dict[str, Json], now: int) -> tuple[int, list[str], str]:
        """`(total, ids of the page, cursor of the next)`. Raises WireError for what is over a cap or not understood."""
        self._catch_up(now)
        groups, limit, start = _read_request(body)
        found = [item for item in self._known.get(object_type, {}).values() if _fits(item, groups, body)]
        name, is_down = _read_sort(body)
        found.sort(key=lambda item: int(item.id))
        found.sort(key=lambda item: _sort_key(_value(item, name)), reverse=is_down)
        page = [item.id for item in found[start : start + limit]]
        return len(found), page, str(start + limit) if start + limit < len(found) else ""

    def _catch_up(self, now: int) -> None:
        due = now - int(self.delay_seconds * 1000)
        while self._coming and (self.delay_seconds == 0 or self._coming[0][0] <= due):
            _, object_type, record_id, state = self._coming.popleft()
            known = self._known.setdefault(object_type, {})
            if state is None:
                known.pop(record_id, None)
            else:
                known[record_id] = state


def _read_request(body: dict[str, Json]) -> tuple[list[list[dict[str, Json]]], int, int]:
    groups = [list(group.get("filters", [])) for group in body.get("filterGroups", [])]
    if len(groups) > MAX_GROUPS:
        raise invalid(f"too many filterGroups (count: {len(groups)}, max allowed: {MAX_GROUPS})")
    if any(len(group) > MAX_FILTERS for group in groups) or sum(map(len, groups)) > MAX_ALL_FILTERS:
        raise invalid("too many filters")
    if len(str(body.get("query") or "")) > MAX_QUERY or len(body.get("sorts") or []) > 1:
        raise invalid("too long a query or too many sorts")
    try:
        limit, start = int(body.get("limit") or 10), int(body.get("after") or 0)
    except (TypeError, ValueError) as error:
        raise invalid("limit and after are integers") from error
    if not 0 < limit <= MAX_PAGE or start < 0 or start + limit > MAX_RESULTS:
        raise invalid(f"a page has 1 to {MAX_PAGE} results; only the first {MAX_RESULTS} can be reached")
    return groups, limit, start


def _read_sort(body: dict[str, Json]) -> tuple[str, bool]:
    sort = (body.get("sorts") or [{}])[0]
    if isinstance(sort, str):
        return sort.removeprefix("-"), sort.startswith("-")
    return sort.get("propertyName") or "hs_object_id", sort.get("direction") == "DESCENDING"


def _value(item: Indexed, name: str) -> str | None:
    match name:
        case "hs_object_id":
            return item.id
        case "createdate" | "hs_createdate":
            return str(item.created_at)
        case "lastmodifieddate" | "hs_lastmodifieddate":
            return str(item.updated_at)
        case _:
            return item.values.get(name)


def _sort_key(value: str | None) -> tuple[int, float, str]:
    number = _as_number(value)
    return (0, number, "") if number is not None else (1 if value else 2, 0.0, value or "")


def _as_number(value: Json) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _fits(item: Indexed, groups: list[list[dict[str, Json]]], body: dict[str, Json]) -> bool:
    query = str(body.get("query") or "").casefold()
    if query and not any(query in value.casefold() for value in item.values.values()):
        return False
    return not groups or any(all(_holds(item, each) for each in group) for group in groups)


def _holds(item: Indexed, each: dict[str, Json]) -> bool:
    value = _value(item, str(each.get("propertyName")))
    test = _TESTS.get(str(each.get("operator")))
    if test is None:
        raise invalid(f"`{each.get('operator')}` is no operator")
    return test(value, each)


def _compared(sign: int, *, or_equal: bool) -> Callable[[str | None, dict[str, Json]], bool]:
    def test(value: str | None, each: dict[str, Json]) -> bool:
        if value is None:
            return False
        left, right = _sort_key(value), _sort_key(str(each.get("value")))
        return (left > right if sign > 0 else left < right) or (or_equal and left == right)

    return test


def _equals(value: str | None, wanted: Json) -> bool:
    if value is None:
        return False
    left, right = _as_number(value), _as_number(wanted)
    return left == right if left is not None and right is not None else value.casefold() == str(wanted).casefold()


def _between(value: str | None, each: dict[str, Json]) -> bool:
    low, high = _sort_key(str(each.get("value"))), _sort_key(str(each.get("highValue")))
    return value is not None and low <= _sort_key(value) <= high


def _among(value: str | None, each: dict[str, Json]) -> bool:
    """Texts are compared in small letters: whoever sends capitals finds nothing."""
    return value is not None and value.casefold() in {str(one) for one in each.get("values", [])}


def _has_token(value: str | None, each: dict[str, Json]) -> bool:
    return value is not None and str(each.get("value")).strip("*").casefold() in value.casefold()


_TESTS: dict[str, Callable[[str | None, dict[str, Json]], bool]] = {
    "EQ": lambda value, each: _equals(value, each.get("value")),
    "NEQ": lambda value, each: not _equals(value, each.get("value")),
    "LT": _compared(-1, or_equal=False),
    "LTE": _compared(-1, or_equal=True),
    "GT": _compared(1, or_equal=False),
    "GTE": _compared(1, or_equal=True),
    "BETWEEN": _between,
    "IN": _among,
    "NOT_IN": lambda value, each: not _among(value, each),
    "HAS_PROPERTY": lambda value, _: value is not None,
    "NOT_HAS_PROPERTY": lambda value, _: value is None,
    "CONTAINS_TOKEN": _has_token,
    "NOT_CONTAINS_TOKEN": lambda value, each: not _has_token(value, each),
}
