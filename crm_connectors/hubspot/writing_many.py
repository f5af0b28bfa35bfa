"""Several writes in one call: updates of one object, up to a hundred, each with an outcome of its own (EXE, RVT-02).

INVARIANT: one call of `send_many` makes at most one write call, right after the read that compares: a stop pressed
later, or a person's edit, finds no further write on its way.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.hubspot.answers import rejection
from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.changing import (
    goes_back,
    in_our_words,
    known_for,
    mark_of,
    names_of,
    receipt_of,
    require_unchanged,
    wire_values,
)
from crm_connectors.hubspot.reading import BATCH, fetch_many, wire_names
from crm_connectors.hubspot.schema import Properties
from crm_connectors.port import AloneError, AmbiguousError, ConnectorError, NotFoundError, RejectedError

Outcomes = dict[str, Receipt | ConnectorError]


class _Ready(msgspec.Struct, frozen=True):
    """One update that may be sent with others."""

    operation: Operation
    known: Properties
    sent: dict[str, str]


def send_many(portal: Portal, operations: Sequence[Operation]) -> Outcomes:
    """See `crm_connectors.port.BatchSender`. Two calls: a read to compare, and right after it the one write. HubSpot
    takes updates of one object in a call: those of the object with the most go."""
    chosen = _choose(operations)
    alone = AloneError("HubSpot takes this write in no call with the others")
    judged, fitting = _judge(portal, chosen)
    outcomes: Outcomes = dict.fromkeys((one.operation_key for one in operations), alone)
    outcomes |= judged  # and below an entry for each that fits
    try:
        ready = _compare(portal, fitting, outcomes)
    except ConnectorError as error:  # nothing was sent yet
        return outcomes | {item.operation.operation_key: error for item in fitting}
    return outcomes | _write(portal, ready) if ready else outcomes


def _choose(operations: Sequence[Operation]) -> list[Operation]:
    """Updates of one object, a call's worth at the most."""
    by_object: defaultdict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        if operation.verb == "update":
            by_object[operation.object].append(operation)
    return max(by_object.values(), key=len, default=[])[:BATCH]


def _judge(portal: Portal, updates: Sequence[Operation]) -> tuple[Outcomes, list[_Ready]]:
    """By our own knowledge of the schema."""
    outcomes: Outcomes = {}
    fitting = []
    for operation in updates:
        try:
            known = known_for(portal, operation)
            sent = {**wire_values(known, operation), **mark_of(portal, known, operation)}
        except ConnectorError as error:
            outcomes[operation.operation_key] = error
        else:
            fitting.append(_Ready(operation, known, sent))
    return outcomes, fitting


def _compare(portal: Portal, fitting: Sequence[_Ready], outcomes: Outcomes) -> list[_Ready]:
    """Those whose record still holds what was seen. A stage that goes back takes two writes, and so goes alone. Raises
    ConnectorError when the records cannot be read."""
    if not fitting:
        return []
    names = sorted({name for item in fitting for name in wire_names(item.known, names_of(item.operation))})
    ids = [item.operation.record_id or "" for item in fitting]
    body = {"properties": names, "propertiesWithHistory": []}
    batches = fetch_many(portal, fitting[0].operation.object, ids, body, size=BATCH)
    found = {str(record["id"]): record for record in batches}
    ready: list[_Ready] = []
    for item in fitting:
        try:
            wire = _pick(found, item.operation)
            record = require_unchanged(portal, item.known, item.operation, wire)
            if goes_back(item.known, record, item.sent):
                raise AloneError("HubSpot takes a stage back in two writes")
        except ConnectorError as error:
            outcomes[item.operation.operation_key] = error
        else:
            ready.append(item)
    return ready


def _pick(found: Mapping[str, dict[str, Any]], operation: Operation) -> dict[str, Any]:
    wire = found.get(operation.record_id or "")
    if wire is None:
        raise NotFoundError("HubSpot has no such record, or has merged it into another")
    return wire


def _write(portal: Portal, ready: Sequence[_Ready]) -> Outcomes:
    """One call. A refusal of the whole of it applied nothing and does not say whom it is for: each is to be sent by
    itself, behind a gate of its own, so that the good ones do not suffer and a stop finds them all."""
    inputs = [
        {"id": item.operation.record_id, "properties": item.sent, "objectWriteTraceId": item.operation.operation_key}
        for item in ready
    ]
    object_type = ready[0].operation.object
    try:
        answer = portal.write("POST", "objects", object_type, "batch", "update", json={"inputs": inputs})
    except (RejectedError, NotFoundError):
        alone = AloneError("HubSpot refused the writes of this call together")
        return {item.operation.operation_key: alone for item in ready}
    except ConnectorError as error:
        return {item.operation.operation_key: error for item in ready}
    return _read_outcomes(ready, answer)


def _read_outcomes(ready: Sequence[_Ready], answer: Mapping[str, Any]) -> Outcomes:
    """Whoever is named neither by a result nor by an error was left out without a word: its outcome is open."""
    silent = AmbiguousError("HubSpot's answer leaves this record out")
    outcomes: Outcomes = {item.operation.operation_key: silent for item in ready}
    by_id = {item.operation.record_id: item for item in ready}
    by_key = {item.operation.operation_key: item for item in ready}
    for result in answer.get("results") or ():
        if item := by_id.get(str(result.get("id"))):
            outcomes[item.operation.operation_key] = receipt_of(result)
    for problem in answer.get("errors") or ():
        for item in _concerned(problem, by_id, by_key):
            outcomes[item.operation.operation_key] = _error_of(problem, item)
    return outcomes


def _concerned(
    error: Mapping[str, Any], by_id: Mapping[str | None, _Ready], by_key: Mapping[str, _Ready]
) -> Iterator[_Ready]:
    """Whom an error of a batch speaks of: by trace id, else by record id."""
    context = error.get("context") or {}
    traced = [by_key[key] for key in context.get("objectWriteTraceId") or () if key in by_key]
    yield from traced or [by_id[record_id] for record_id in context.get("ids") or () if record_id in by_id]


def _error_of(error: Mapping[str, Any], item: _Ready) -> ConnectorError:
    match error.get("category"):
        case "OBJECT_NOT_FOUND":
            return NotFoundError("HubSpot has no such record")
        case "VALIDATION_ERROR" | "CONFLICT":
            return in_our_words(item.known, rejection(error))
        case _:
            return AmbiguousError("HubSpot did not say what became of this record")
