"""Reading records: one, many, or those that a search finds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from crm_connectors.adapters.http_client import Answer
from crm_connectors.domain.record import ChangedPage, ChangedRecord, JsonValue, Page, Record
from crm_connectors.port import NotFoundError, TransientError
from crm_connectors.salesforce import soql
from crm_connectors.salesforce.describing import ObjectInfo
from crm_connectors.salesforce.naming import check_id, check_name, find_ids, from_wire, read_moment
from crm_connectors.salesforce.session import SalesforceSession, decode

STAMP = "SystemModstamp"
MANY = 500
"""Records in one call; Salesforce takes up to 2,000."""


class Seen(msgspec.Struct, frozen=True):
    """A record and what the answer said of its age, as If-Unmodified-Since wants it back."""

    record: Record
    last_modified: str


def read_one(session: SalesforceSession, object_type: str, record_id: str, fields: Sequence[str]) -> Seen:
    """One record. One call. Raises NotFoundError, for a field too."""
    names = ",".join(dict.fromkeys((*map(check_name, fields), STAMP)))
    path = f"/sobjects/{check_name(object_type)}/{check_id(record_id)}"
    answer = session.call("GET", path, query={"fields": names})
    return Seen(_record(object_type, record_id, _object(answer), fields), answer.headers.get("Last-Modified") or "")


def read_many(
    session: SalesforceSession, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
) -> dict[str, Record]:
    """Records by the ids asked for. One call for each 500. Raises NotFoundError for an object or a field."""
    long_ids = find_ids(record_ids)
    names = list(dict.fromkeys((*map(check_name, fields), "Id", STAMP)))
    wanted = list(dict.fromkeys(long_ids.values()))
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), MANY):
        body = session.read_json(
            "POST",
            f"/composite/sobjects/{check_name(object_type)}",
            json={"ids": wanted[start : start + MANY], "fields": names},
        )
        found.update({str(item["Id"]): item for item in _list(body) if isinstance(item, dict)})
    return {
        record_id: _record(object_type, record_id, found[long_id], fields)
        for record_id, long_id in long_ids.items()
        if long_id in found
    }


def search(
    session: SalesforceSession,
    info: ObjectInfo,
    filters: Mapping[str, JsonValue],
    fields: Sequence[str],
    *,
    limit: int,
    after: str,
) -> Page:
    """One page by id. One call. SOQL does not mind upper and lower case; what is not equal is left out here, so that
    a page may hold fewer than `limit`. Raises NotFoundError for an object, a field, or a cursor."""
    where = soql.equals(filters, info.types())
    if after:
        where.append(f"Id > {soql.text_literal(check_id(after))}")
    names = [*fields, *filters, "Id", STAMP]
    text = soql.select(names, info.name, where, order="Id", limit=limit + 1)
    rows = query(session, text)
    asked = [*fields, *filters]
    records = [_record(info.name, str(row["Id"]), row, asked) for row in rows[:limit]]
    equal = [record for record in records if all(_is_equal(record.values[name], filters[name]) for name in filters)]
    kept = [msgspec.structs.replace(record, values={name: record.values[name] for name in fields}) for record in equal]
    return Page(tuple(kept), after=records[-1].id if len(rows) > limit else "")


def list_changed(
    session: SalesforceSession, object_type: str, *, since: datetime, after: str, limit: int
) -> ChangedPage:
    """One query, by the stamp that automation moves too."""
    at = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = f"{STAMP} > {at}"
    where = (
        f"({later} OR ({STAMP} = {at} AND Id > {soql.text_literal(check_id(after))}))" if after else f"{STAMP} >= {at}"
    )
    rows = query(session, soql.select(("Id", STAMP), object_type, [where], order=f"{STAMP}, Id", limit=limit))
    records = tuple(ChangedRecord(str(row["Id"]), read_moment(str(row[STAMP]))) for row in rows)
    return ChangedPage(records, is_last=len(records) < limit)


def query(session: SalesforceSession, text: str, *, has_deleted: bool = False) -> list[dict[str, Any]]:
    """Every row of a query, page after page."""
    body = session.read_json("GET", "/queryAll" if has_deleted else "/query", query={"q": text})
    rows = list(_rows(body))
    while not body.get("done", True):
        _, _, path = str(body.get("nextRecordsUrl", "")).partition("/services/data/")
        body = session.read_json("GET", f"/{path.partition('/')[2]}")
        rows += _rows(body)
    return rows


def _rows(body: Any) -> Iterable[dict[str, Any]]:
    if not isinstance(body, dict):
        raise TransientError("the CRM's answer to a query cannot be read")
    return (row for row in _list(body.get("records")) if isinstance(row, dict))


def _record(object_type: str, record_id: str, row: Mapping[str, Any], fields: Sequence[str]) -> Record:
    """Values under the names asked for. A field that did not come back is no empty one."""
    found = {name.casefold(): value for name, value in row.items()}
    if missing := [name for name in fields if name.casefold() not in found]:
        raise NotFoundError(f"no such field: {', '.join(missing)}")
    stamp = str(found.get(STAMP.casefold()) or "")
    return Record(
        object=object_type,
        id=record_id,
        version=stamp,
        values={name: from_wire(found[name.casefold()]) for name in fields},
        modified_at=read_moment(stamp) if stamp else None,
    )


def _object(answer: Answer) -> dict[str, Any]:
    body = decode(answer)
    if not isinstance(body, dict):
        raise TransientError("the CRM's answer cannot be read")
    return body


def _list(body: Any) -> list[Any]:
    if not isinstance(body, list):
        raise TransientError("the CRM's answer cannot be read")
    return body


def _is_equal(found: JsonValue, wanted: JsonValue) -> bool:
    if wanted is None or wanted == "":
        return found is None
    return bool(found == wanted) or (isinstance(found, str) and found == from_wire(wanted))
