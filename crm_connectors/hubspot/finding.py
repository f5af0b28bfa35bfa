"""Whether an operation was applied. Never by search: its index lags, and what is not found there may well exist."""

from collections.abc import Mapping
from typing import Any

from crm_connectors.domain.field_value import is_same_value
from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.history import history_depth
from crm_connectors.hubspot.marks import marks_by_moment
from crm_connectors.hubspot.reading import fetch, require_id, to_record, wire_names
from crm_connectors.hubspot.schema import Properties, get_properties, require_known
from crm_connectors.port import AmbiguousError, NotFoundError


def find_operation(portal: Portal, operation: Operation) -> Receipt | None:
    """See `crm_connectors.port.Connector.find_operation`."""
    match operation.verb:
        case "create":
            return _find_create(portal, operation)
        case "archive":
            return _find_archive(portal, operation)
        case _:
            return _find_update(portal, operation)


def find_created(portal: Portal, operation: Operation) -> Receipt | None:
    """The record that bears this operation's key, also from the recycle bin: what was made once is not made again."""
    key = portal.settings.key_property
    for archived in ("false", "true"):
        query = {"idProperty": key, "properties": key, "archived": archived}
        try:
            found = portal.get("objects", operation.object, operation.operation_key, query=query)
        except NotFoundError:
            continue
        return _receipt(found)
    return None


def _find_create(portal: Portal, operation: Operation) -> Receipt | None:
    known = get_properties(portal, operation.object)
    item = known.get(portal.settings.key_property)
    if item is None or not item.is_unique:
        raise AmbiguousError("this portal has no key property: whether the record was made cannot be told")
    return find_created(portal, operation)


def _find_archive(portal: Portal, operation: Operation) -> Receipt | None:
    record_id = require_id(operation.record_id or "")
    try:
        fetch(portal, operation.object, record_id, [])
    except NotFoundError:
        query = {"archived": "true"}
        try:
            return _receipt(portal.get("objects", operation.object, record_id, query=query))
        except NotFoundError as error:
            raise AmbiguousError("the record is neither there nor in the recycle bin") from error
    return None


def _find_update(portal: Portal, operation: Operation) -> Receipt | None:
    """By the mark where the portal has one: that is certain. Else by the values, and by who wrote them."""
    names = sorted(operation.values)
    known = get_properties(portal, operation.object, needs=frozenset(names))
    mark = portal.settings.mark_property
    record_id = require_id(operation.record_id or "")
    require_known(known, frozenset(names))
    wanted = wire_names(known, names)
    found = fetch(portal, operation.object, record_id, wanted, with_history=[mark] if mark in known else wanted)
    if mark in known:
        return _by_mark(operation, found, found["propertiesWithHistory"].get(mark) or [])
    return _by_values(portal, operation, known, found)


def _by_mark(operation: Operation, found: Mapping[str, Any], changes: list[dict[str, Any]]) -> Receipt | None:
    if any(key == operation.operation_key for key, _ in marks_by_moment(changes).values()):
        return _receipt(found)
    if len(changes) >= history_depth(operation.object):
        raise AmbiguousError("HubSpot keeps too little history to tell")
    return None


def _by_values(portal: Portal, operation: Operation, known: Properties, found: Mapping[str, Any]) -> Receipt | None:
    """All values there: the set was applied, whoever did. None of them there, nor ever by our app: it was not."""
    values = to_record(operation.object, known, found, sorted(operation.values)).values
    if all(is_same_value(values[name], wanted) for name, wanted in operation.values.items()):
        return _receipt(found)
    histories = (found.get("propertiesWithHistory") or {}).values()
    app = portal.settings.app_id
    sources = {(item.get("sourceType"), item.get("sourceId")) for changes in histories for item in changes}
    if any(kind == "INTEGRATION" and (not app or source == app) for kind, source in sources):
        raise AmbiguousError("our app wrote these properties, and they hold something else now")
    return None


def _receipt(found: Mapping[str, Any]) -> Receipt:
    return Receipt(record_id=str(found["id"]), version=str(found.get("updatedAt")), is_repeat=True)
