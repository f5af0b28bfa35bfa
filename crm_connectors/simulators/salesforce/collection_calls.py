"""Calls on up to 200 records: always HTTP 200, each record with its own success or errors, in the order given."""

from collections.abc import Callable
from typing import Any

from crm_connectors.simulators.salesforce.call import Answer, Call, find_row
from crm_connectors.simulators.salesforce.errors import AmbiguousKeyError, ApiError
from crm_connectors.simulators.salesforce.org import field_for, object_for
from crm_connectors.simulators.salesforce.record_id import read_id
from crm_connectors.simulators.salesforce.saving import find_by_key
from crm_connectors.simulators.salesforce.selecting import object_of, show

MAX_RECORDS = 200
MAX_READ = 2000
MAX_CHUNKS = 10
_ROLLED_BACK = ApiError(
    400,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
_LOCKED = ApiError(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")


def create_many(call: Call) -> Answer:
    """`POST /composite/sobjects`."""

    def one(given: dict[str, Any]) -> dict[str, Any]:
        definition = object_for(_type_of(given), is_write=True)
        record_id = call.save(definition).create(given)
        return {"id": record_id, "success": True, "errors": []}

    return _for_each(call, _records(call), one, is_all_or_none=_all_or_none(call))


def update_many(call: Call) -> Answer:
    """`PATCH /composite/sobjects`."""

    def one(given: dict[str, Any]) -> dict[str, Any]:
        definition = object_for(_type_of(given), is_write=True)
        record_id = next((str(value) for name, value in given.items() if name.casefold() == "id"), "")
        if not record_id:
            raise ApiError(400, "MISSING_ARGUMENT", "Id not specified in an update call")
        row = find_row(call.org, definition, record_id)
        values = {name: value for name, value in given.items() if name.casefold() != "id"}
        call.save(definition).update(row, values)
        return {"id": row.id, "success": True, "errors": []}

    return _for_each(call, _records(call), one, is_all_or_none=_all_or_none(call))


def upsert_many(call: Call, name: str, key_field: str) -> Answer:
    """`PATCH /composite/sobjects/{O}/{Ext__c}`."""
    definition = object_for(name, is_write=True)
    key = field_for(call.user, definition, key_field).name

    def one(given: dict[str, Any]) -> dict[str, Any]:
        row = find_by_key(call.org, call.user, definition, key, str(given.get(key) or ""))
        if row is None:
            record_id = call.save(definition).create(given)
            return {"id": record_id, "success": True, "errors": [], "created": True}
        call.save(definition).update(row, given)
        return {"id": row.id, "success": True, "errors": [], "created": False}

    return _for_each(call, _records(call), one, is_all_or_none=_all_or_none(call))


def remove_many(call: Call) -> Answer:
    """`DELETE /composite/sobjects?ids=…&allOrNone=…`."""

    def one(given: dict[str, Any]) -> dict[str, Any]:
        definition = object_of(given["id"])
        if definition is None:
            raise ApiError(400, "MALFORMED_ID", f"malformed id {given['id']}")
        row = find_row(call.org, definition, given["id"])
        call.save(definition).delete(row)
        return {"id": row.id, "success": True, "errors": []}

    records = [{"id": record_id} for record_id in call.query.get("ids", "").split(",") if record_id]
    is_all_or_none = call.query.get("allOrNone", "").casefold() == "true"
    return _for_each(call, _bounded(records), one, is_all_or_none=is_all_or_none)


def read_many(call: Call, name: str) -> Answer:
    """`POST /composite/sobjects/{O}` with ids and fields, or `GET` with both in the query: null where nothing is."""
    definition = object_for(name)
    if call.method == "GET":
        ids, fields = call.query.get("ids", "").split(","), call.query.get("fields", "").split(",")
    else:
        body = call.body()
        ids, fields = list(map(str, body.get("ids") or [])), list(map(str, body.get("fields") or []))
    if not ids or not fields or len(ids) > MAX_READ:
        raise ApiError(400, "INVALID_BATCH_SIZE", f"between 1 and {MAX_READ} ids and at least one field are needed")
    names = [field_for(call.user, definition, field).name for field in fields]
    found: list[dict[str, Any] | None] = []
    for given in ids:
        record_id = read_id(given)
        if record_id is None:
            raise ApiError(400, "MALFORMED_ID", f"malformed id {given}")
        row = call.org.rows[definition.name].get(record_id)
        found.append(None if row is None or row.is_deleted else show(row, names, call.version))
    return Answer(body=found)


def _for_each(
    call: Call,
    records: list[dict[str, Any]],
    one: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    is_all_or_none: bool,
) -> Answer:
    items: list[dict[str, Any]] = []
    with call.org.all_or_nothing() as roll_back:
        for index, given in enumerate(records):
            try:
                if call.is_lock_refused and index == 0:
                    raise _LOCKED
                items.append(one(given))
            except ApiError as error:
                items.append(error.as_item())
            except AmbiguousKeyError as error:
                items.append(ApiError(400, "DUPLICATE_EXTERNAL_ID", f"{len(error.ids)} records match").as_item())
        if is_all_or_none and not all(item["success"] for item in items):
            roll_back()
            items = [_ROLLED_BACK.as_item() if item["success"] else item for item in items]
    return Answer(body=items)


def _records(call: Call) -> list[dict[str, Any]]:
    records = call.body().get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ApiError(400, "JSON_PARSER_ERROR", "records must be an array of objects")
    kinds = [record.get("attributes", {}).get("type") for record in records]
    chunks = sum(1 for index, kind in enumerate(kinds) if index == 0 or kind != kinds[index - 1])
    if chunks > MAX_CHUNKS:
        raise ApiError(400, "INVALID_BATCH_SIZE", f"more than {MAX_CHUNKS} chunks of different types")
    return _bounded(records)


def _bounded(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(records) > MAX_RECORDS:
        raise ApiError(400, "EXCEEDED_MAX_SIZE_REQUEST", f"record limit reached, at most {MAX_RECORDS} are allowed")
    return records


def _all_or_none(call: Call) -> bool:
    return call.body().get("allOrNone") is True


def _type_of(given: dict[str, Any]) -> str:
    return str(given.get("attributes", {}).get("type", ""))
