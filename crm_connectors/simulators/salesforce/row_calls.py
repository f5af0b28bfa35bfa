"""Calls on one record: create, read, change, delete, by id and by external id, with their conditions."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from crm_connectors.simulators.salesforce.call import Answer, Call, find_row
from crm_connectors.simulators.salesforce.describing import describe_global, describe_object
from crm_connectors.simulators.salesforce.errors import ApiError, not_found
from crm_connectors.simulators.salesforce.org import Row, field_for, object_for, visible_fields
from crm_connectors.simulators.salesforce.saving import find_by_key
from crm_connectors.simulators.salesforce.selecting import show

_CHANGED = ApiError(412, "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE_CHECK", "The entity was modified")


def list_objects(call: Call) -> Answer:
    """`GET /sobjects`."""
    return Answer(body=describe_global(call.version))


def describe(call: Call, name: str) -> Answer:
    """`GET /sobjects/{O}/describe`."""
    return Answer(body=describe_object(call.user, object_for(name), call.version))


def summarise(call: Call, name: str) -> Answer:
    """`GET /sobjects/{O}`."""
    whole = describe_object(call.user, object_for(name), call.version)
    kept = {key: value for key, value in whole.items() if key not in {"fields", "childRelationships"}}
    return Answer(body={"objectDescribe": kept, "recentItems": []})


def create(call: Call, name: str) -> Answer:
    """`POST /sobjects/{O}` → 201."""
    definition = object_for(name, is_write=True)
    record_id = call.save(definition).create(call.body())
    location = f"/services/data/v{call.version}/sobjects/{definition.name}/{record_id}"
    return Answer(status=201, body={"id": record_id, "success": True, "errors": []}, headers={"Location": location})


def read(call: Call, name: str, record_id: str) -> Answer:
    """`GET /sobjects/{O}/{id}`, with If-Modified-Since, and for accounts If-None-Match."""
    return _answer_with(call, find_row(call.org, object_for(name), record_id))


def update(call: Call, name: str, record_id: str) -> Answer:
    """`PATCH /sobjects/{O}/{id}` → 204, with If-Unmodified-Since (to the second), and for accounts If-Match."""
    definition = object_for(name, is_write=True)
    row = find_row(call.org, definition, record_id)
    _require_unchanged(call, row)
    call.save(definition).update(row, call.body())
    return Answer(status=204)


def remove(call: Call, name: str, record_id: str) -> Answer:
    """`DELETE /sobjects/{O}/{id}` → 204. It knows no conditions: their headers are ignored."""
    definition = object_for(name, is_write=True)
    call.save(definition).delete(find_row(call.org, definition, record_id))
    return Answer(status=204)


def read_by_key(call: Call, name: str, key_field: str, value: str) -> Answer:
    """`GET /sobjects/{O}/{Ext__c}/{value}`."""
    row = find_by_key(call.org, call.user, object_for(name), key_field, value)
    if row is None:
        raise not_found()
    return _answer_with(call, row)


def upsert(call: Call, name: str, key_field: str, value: str) -> Answer:
    """`PATCH /sobjects/{O}/{Ext__c}/{value}`: 201 when it made the record, 200 when it was there."""
    definition = object_for(name, is_write=True)
    row = find_by_key(call.org, call.user, definition, key_field, value)
    given = call.body()
    if row is not None:
        _require_unchanged(call, row)
        call.save(definition).update(row, given)
        return Answer(body={"id": row.id, "success": True, "errors": [], "created": False})
    if call.query.get("updateOnly", "").casefold() == "true":
        raise not_found()
    keyed = {**given, field_for(call.user, definition, key_field).name: value}
    record_id = call.save(definition).create(keyed)
    return Answer(status=201, body={"id": record_id, "success": True, "errors": [], "created": True})


def remove_by_key(call: Call, name: str, key_field: str, value: str) -> Answer:
    """`DELETE /sobjects/{O}/{Ext__c}/{value}` → 204."""
    definition = object_for(name, is_write=True)
    row = find_by_key(call.org, call.user, definition, key_field, value)
    if row is None:
        raise not_found()
    call.save(definition).delete(row)
    return Answer(status=204)


def _answer_with(call: Call, row: Row) -> Answer:
    headers = {"Last-Modified": format_datetime(row.modified_at.astimezone(UTC), usegmt=True)}
    if row.object == "Account":
        headers["ETag"] = _etag(row)
        if call.headers.get("if-none-match") == headers["ETag"]:
            return Answer(status=304, headers=headers)
    since = _moment(call, "if-modified-since")
    if since is not None and row.modified_at <= since:
        return Answer(status=304, headers=headers)
    definition = object_for(row.object)
    if asked := [name for name in call.query.get("fields", "").split(",") if name]:
        names = [field_for(call.user, definition, name).name for name in asked]
    else:
        names = [field.name for field in visible_fields(call.user, definition)]
    return Answer(body={**show(row, names, call.version), "Id": row.id}, headers=headers)


def _require_unchanged(call: Call, row: Row) -> None:
    since = _moment(call, "if-unmodified-since")
    if since is not None and row.modified_at > since:
        raise _CHANGED
    wanted = call.headers.get("if-match")
    if wanted and row.object == "Account" and wanted != _etag(row):
        raise _CHANGED


def _moment(call: Call, header: str) -> datetime | None:
    text = call.headers.get(header)
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        raise ApiError(400, "INVALID_HTTP_HEADER", f"{header} is malformed") from None


def _etag(row: Row) -> str:
    return f'"{hashlib.sha256(repr(sorted(row.values.items())).encode()).hexdigest()[:16]}-gzip"'
