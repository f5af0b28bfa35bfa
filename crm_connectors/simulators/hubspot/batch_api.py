"""Up to a hundred records at a time: partial success, trace ids, results in no order, silent omissions."""

from collections.abc import Callable
from typing import Any

from crm_connectors.simulators.hubspot.clock import iso
from crm_connectors.simulators.hubspot.objects_api import create_one, known, object_of, prepare, source_of, update_one
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.records import StoredRecord
from crm_connectors.simulators.hubspot.wire import Answer, Call, Json, WireError, invalid

MAX_INPUTS = 100
_Item = dict[str, Any]


def read_inputs(call: Call, *, most: int = MAX_INPUTS) -> list[_Item]:
    """The inputs of the call. Raises WireError."""
    inputs = call.body.get("inputs")
    if not isinstance(inputs, list) or not inputs or not all(isinstance(item, dict) for item in inputs):
        raise invalid("inputs takes a list of objects")
    if len(inputs) > most:
        raise invalid(f"The batch size of {len(inputs)} exceeds the limit of {most}")
    if any(fault.kind == "omit" for fault in call.faults):
        return inputs[:-1]
    return inputs


def batch_answer(portal: Portal, results: list[Json], errors: list[Json], *, status: int = 200) -> Answer:
    """207 as soon as one of them failed."""
    now = iso(portal.clock.now())
    body: dict[str, Json] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return Answer(status=207 if errors else status, body=body)


def batch_read(portal: Portal, call: Call) -> Answer:
    object_type = object_of(portal, call)
    id_property = call.body.get("idProperty") or ""
    if id_property and id_property != "hs_object_id" and not portal.is_unique(object_type, id_property):
        raise invalid(f"Unable to read by non-unique property {id_property}")
    names = known(portal, object_type, call.body.get("properties") or [])
    with_history = known(portal, object_type, call.body.get("propertiesWithHistory") or [])
    found: dict[str, StoredRecord] = {}
    missing = []
    for item in read_inputs(call):
        try:
            archived = call.flag("archived")
            record = portal.find_by(object_type, id_property, str(item.get("id")), archived=archived)
            found[record.id] = record
        except WireError:
            missing.append(str(item.get("id")))
    results = [record.to_wire(names, with_history) for record in reversed(found.values())]
    return batch_answer(portal, results, [_not_found(object_type, missing, [])] if missing else [])


def batch_update(portal: Portal, call: Call) -> Answer:
    """By record id alone. An id that was merged away is left out without a word."""
    object_type = object_of(portal, call)
    inputs = read_inputs(call)
    for item in inputs:
        if item.get("idProperty"):
            raise invalid(f"Unable to perform update/upsert by non-unique property {item['idProperty']}")

    def update(item: _Item) -> Json:
        known_record = portal.records[object_type].get(str(item.get("id")))
        if known_record is not None and known_record.merged_into:
            return None
        record = portal.find(object_type, str(item.get("id")))
        update_one(portal, call, record, item.get("properties"))
        return _result(portal, record, item)

    return _each(portal, object_type, inputs, update)


def batch_create(portal: Portal, call: Call) -> Answer:
    """Partial only when every input has a trace id of its own; else the first error fails the whole call."""
    object_type = object_of(portal, call)
    inputs = read_inputs(call)
    traces = {item.get("objectWriteTraceId") for item in inputs}

    def create(item: _Item) -> Json:
        record, _ = create_one(portal, call, object_type, item)
        return _result(portal, record, item)

    if None in traces or len(traces) < len(inputs):
        for item in inputs:
            prepare(portal, call, object_type, item)
        return batch_answer(portal, [create(item) for item in inputs], [], status=201)
    return _each(portal, object_type, inputs, create, status=201)


def batch_upsert(portal: Portal, call: Call) -> Answer:
    object_type = object_of(portal, call)

    def upsert(item: _Item) -> Json:
        name = item.get("idProperty") or ""
        if not portal.is_unique(object_type, name):
            raise invalid(f"Unable to perform update/upsert by non-unique property {name}")
        properties = {name: item.get("id"), **(item.get("properties") or {})}
        try:
            record = portal.find_by(object_type, name, str(item.get("id")))
        except WireError:
            record, _ = create_one(portal, call, object_type, {"properties": properties})
            return {**_result(portal, record, item), "new": True}
        update_one(portal, call, record, properties)
        return {**_result(portal, record, item), "new": False}

    return _each(portal, object_type, read_inputs(call), upsert)


def batch_archive(portal: Portal, call: Call) -> Answer:
    """Empty whatever happened: ids that are not there are no error."""
    object_type = object_of(portal, call)
    for item in read_inputs(call):
        record = portal.records[object_type].get(str(item.get("id")))
        if record is not None and record.archived_at is None:
            portal.archive(record, source_of(call))
    return Answer(status=204)


def _each(
    portal: Portal, object_type: str, inputs: list[_Item], act: Callable[[_Item], Json], *, status: int = 200
) -> Answer:
    results, errors = [], []
    for item in inputs:
        try:
            result = act(item)
        except WireError as error:
            errors.append(_item_error(error, object_type, item))
        else:
            results.extend([result] if result is not None else [])
    return batch_answer(portal, results[::-1], errors, status=status)


def _result(portal: Portal, record: StoredRecord, item: _Item) -> dict[str, Json]:
    wire = record.to_wire(known(portal, record.object, list(item.get("properties") or {})), [])
    trace = item.get("objectWriteTraceId")
    return {**wire, "objectWriteTraceId": trace} if trace else wire


def _item_error(error: WireError, object_type: str, item: _Item) -> Json:
    trace = [item["objectWriteTraceId"]] if item.get("objectWriteTraceId") else []
    if error.status == 404:
        return _not_found(object_type, [str(item.get("id"))], trace)
    context = {"objectWriteTraceId": trace} if trace else {}
    told = {key: error.body[key] for key in ("status", "category", "message", "errors") if key in error.body}
    return {**told, "context": context}


def _not_found(object_type: str, ids: list[str], trace: list[str]) -> Json:
    kind = {"companies": "COMPANY"}.get(object_type, object_type.removesuffix("s").upper())
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid.",
        "context": {"ids": ids, **({"objectWriteTraceId": trace} if trace else {})},
    }
