"""Reads: one record, many, a search. A property missing from an answer is unknown, never empty."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_connectors.domain.field_value import is_same_value
from crm_connectors.domain.record import JsonValue, Page, Record
from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.schema import Properties, get_properties, require_known
from crm_connectors.hubspot.values import UnfitValueError, from_wire, to_wire
from crm_connectors.port import NotFoundError, RejectedError, TransientError

BATCH = 100
MAX_PAGE = 200
MAX_FILTERS = 5  # HubSpot takes six in a group; one is our cursor
_ID = re.compile(r"[1-9][0-9]{0,19}")


def read(portal: Portal, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
    """One call, and one for the schema once a minute. Raises NotFoundError, for a merged record too: it is another."""
    known = get_properties(portal, object_type, needs=frozenset(fields))
    require_known(known, frozenset(fields))
    found = fetch(portal, object_type, record_id, wire_names(known, fields))
    return to_record(object_type, known, found, fields)


def wire_names(known: Properties, names: Iterable[str]) -> list[str]:
    """What HubSpot calls these fields."""
    return [known[name].wire_name for name in names]


def fetch(
    portal: Portal, object_type: str, record_id: str, fields: Sequence[str], *, with_history: Sequence[str] = ()
) -> dict[str, Any]:
    """The record as HubSpot tells it; fields by HubSpot's names. Raises NotFoundError."""
    query = {"properties": ",".join(fields)} if fields else {}
    if with_history:
        query["propertiesWithHistory"] = ",".join(with_history)
    found = portal.get("objects", object_type, require_id(record_id), query=query)
    if str(found.get("id")) != record_id:
        raise NotFoundError("this record was merged into another")
    return found


def require_id(record_id: str) -> str:
    """Raises NotFoundError for what cannot be an id: it would name something else in a path."""
    if _ID.fullmatch(record_id) is None:
        raise NotFoundError("HubSpot has no such record")
    return record_id


def read_many(portal: Portal, object_type: str, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
    """One call for each hundred."""
    known = get_properties(portal, object_type, needs=frozenset(fields))
    require_known(known, frozenset(fields))
    body = {"properties": wire_names(known, fields), "propertiesWithHistory": []}
    found = {str(item["id"]): item for item in fetch_many(portal, object_type, record_ids, body, size=BATCH)}
    wanted = [record_id for record_id in dict.fromkeys(record_ids) if record_id in found]
    return {record_id: to_record(object_type, known, found[record_id], fields) for record_id in wanted}


def fetch_many(
    portal: Portal, object_type: str, record_ids: Sequence[str], body: Mapping[str, JsonValue], *, size: int
) -> Iterator[dict[str, Any]]:
    """Those that exist. 207 tells which do not; some are left out of a 200 without a word, and are absent all the same.

    Raises TransientError when HubSpot could not say it of one."""
    ids = [record_id for record_id in dict.fromkeys(record_ids) if _ID.fullmatch(record_id)]
    for start in range(0, len(ids), size):
        inputs = [{"id": record_id} for record_id in ids[start : start + size]]
        answer = portal.ask("objects", object_type, "batch", "read", json={**body, "inputs": inputs})
        if any(error.get("category") != "OBJECT_NOT_FOUND" for error in answer.get("errors") or ()):
            raise TransientError("HubSpot could not read every record of a batch")
        yield from answer.get("results") or ()


def search(
    portal: Portal,
    object_type: str,
    *,
    filters: Mapping[str, JsonValue],
    fields: Sequence[str],
    limit: int,
    after: str,
) -> Page:
    """By id, from the last one of the page before: so no cap on results is met. What HubSpot calls equal is compared
    again, because it takes capitals for small letters. Its index lags by seconds: nothing here decides on a search."""
    names = frozenset((*fields, *filters))
    known = get_properties(portal, object_type, needs=names)
    require_known(known, names)
    if len(filters) > MAX_FILTERS:
        raise RejectedError(f"HubSpot takes at most {MAX_FILTERS} filters")
    wanted = [*(_filter(known, name, value) for name, value in filters.items()), *_cursor(after)]
    body = {
        "filterGroups": [{"filters": wanted}] if wanted else [],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": wire_names(known, sorted(names)),
        "limit": min(limit, MAX_PAGE),
    }
    answer = portal.ask("objects", object_type, "search", json=body)
    results = answer.get("results") or []
    records = [to_record(object_type, known, item, sorted(names)) for item in results]
    fitting = tuple(_narrowed(record, fields) for record in records if _fits(record, filters))
    return Page(fitting, records[-1].id if records and answer.get("paging") else "")


def _filter(known: Properties, name: str, value: JsonValue) -> dict[str, str]:
    if value is None or value == "":
        return {"propertyName": known[name].wire_name, "operator": "NOT_HAS_PROPERTY"}
    try:
        text = to_wire(known[name], value)
    except UnfitValueError as error:
        raise RejectedError(f"`{name}` {error}", errors={name: str(error)}) from error
    return {"propertyName": known[name].wire_name, "operator": "EQ", "value": text}


def _cursor(after: str) -> list[dict[str, str]]:
    if not after:
        return []
    return [{"propertyName": "hs_object_id", "operator": "GT", "value": require_id(after)}]


def _fits(record: Record, filters: Mapping[str, JsonValue]) -> bool:
    return all(is_same_value(record.values[name], value) for name, value in filters.items())


def _narrowed(record: Record, fields: Sequence[str]) -> Record:
    values = {name: record.values[name] for name in fields}
    return Record(
        object=record.object, id=record.id, version=record.version, values=values, modified_at=record.modified_at
    )


def to_record(object_type: str, known: Properties, wire: Mapping[str, Any], fields: Sequence[str]) -> Record:
    """Raises NotFoundError for a field that is missing from the answer: the schema changed, or we may not see it."""
    properties = wire.get("properties") or {}
    require_known({name: known[name] for name in fields if known[name].wire_name in properties}, frozenset(fields))
    stamp = str(wire.get("updatedAt") or "")
    return Record(
        object=object_type,
        id=str(wire["id"]),
        version=stamp,
        values={name: from_wire(known[name], properties[known[name].wire_name]) for name in fields},
        modified_at=moment(stamp),
    )


def moment(text: str) -> datetime | None:
    """A stamp of HubSpot's; None for none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
