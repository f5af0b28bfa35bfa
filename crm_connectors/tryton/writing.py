"""Writes: each on the condition that the record still bears the stamp it was just read with.

Tryton compares `_timestamp` in the transaction of the write itself. On PostgreSQL two writers cannot both pass, so that
what the caller believed (`version`, `before`) still holds when the write is applied.
"""

from typing import Any

from crm_connectors.domain.record import JsonValue, Operation, Receipt
from crm_connectors.port import AmbiguousError, ConflictError, ConnectorError, NotFoundError, RejectedError
from crm_connectors.tryton.describing import ACTIVE, ObjectInfo
from crm_connectors.tryton.reading import TIMESTAMP, is_archived, is_id, read_row
from crm_connectors.tryton.rpc import Tryton
from crm_connectors.tryton.values import of_field, to_wire


def write(tryton: Tryton, info: ObjectInfo, operation: Operation) -> Receipt:
    """Update or archive: read, compare, write on the stamp, read the new stamp. Four calls at most."""
    record_id = operation.record_id or ""
    values = _writable(info, operation)
    row = read_row(tryton, info, record_id, {*operation.before, *operation.values})
    if _is_repeat(tryton, info, row, operation):
        return Receipt(record_id=record_id, version=row[TIMESTAMP], is_repeat=True)
    _ensure_unchanged(info, row, operation)
    if operation.verb == "update" and _holds(info, row, operation.values):
        return Receipt(record_id=record_id, version=row[TIMESTAMP])  # it holds them already: nothing to write
    context = {TIMESTAMP: {f"{info.name},{record_id}": row[TIMESTAMP]}}
    try:
        tryton.call(f"model.{info.name}.write", [int(record_id)], values, context, is_write=True)
    except RejectedError:
        read_row(tryton, info, record_id, ())  # raises NotFoundError when it vanished meanwhile
        raise
    return Receipt(record_id=record_id, version=_new_version(tryton, info, operation))


def create(tryton: Tryton, info: ObjectInfo, operation: Operation) -> Receipt:
    """A new record. Tryton keeps no key of ours: a repeat makes another one."""
    if operation.association is not None:
        raise RejectedError("this CRM links records by fields: name the field that links it")
    made = tryton.call(f"model.{info.name}.create", [_writable(info, operation)], {}, is_write=True)
    record_id = str(made[0])
    try:
        version = read_row(tryton, info, record_id, ())[TIMESTAMP]
    except ConnectorError:
        version = ""
    return Receipt(record_id=record_id, version=version)


def find_update(tryton: Tryton, info: ObjectInfo, operation: Operation) -> Receipt | None:
    """Whether an update was applied, by read-back: the values are there. Raises AmbiguousError when the record changed
    since and they are not: it may have been applied and written over."""
    try:
        row = read_row(tryton, info, operation.record_id or "", operation.values)
    except NotFoundError as error:
        raise AmbiguousError("the record is gone") from error
    if _holds(info, row, operation.values):
        return Receipt(record_id=str(row["id"]), version=row[TIMESTAMP])
    if operation.version and row[TIMESTAMP] != operation.version:
        raise AmbiguousError("the record was changed since, and does not hold what was written")
    return None


def find_archived(tryton: Tryton, info: ObjectInfo, operation: Operation) -> Receipt | None:
    """Whether it is archived: by the server's own word alone. One call. Raises AmbiguousError for a record that it does
    not show: one that an access rule hides is not archived."""
    record_id = operation.record_id or ""
    if not is_id(record_id) or not is_archived(tryton, info, record_id):
        return None
    return Receipt(record_id=record_id, version="")


def _new_version(tryton: Tryton, info: ObjectInfo, operation: Operation) -> str:
    """The write was applied: whatever goes wrong now must not say otherwise."""
    if operation.verb == "archive":
        return ""
    try:
        version: str = read_row(tryton, info, operation.record_id or "", ())[TIMESTAMP]
    except ConnectorError as error:
        raise AmbiguousError("the write was applied, and could not be read back") from error
    return version


def _writable(info: ObjectInfo, operation: Operation) -> dict[str, Any]:
    if operation.verb == "archive":
        if not info.is_archivable:
            raise RejectedError(f"`{info.name}` cannot be archived")
        return {ACTIVE: False}
    for name in operation.values:
        if name not in info.fields:
            raise RejectedError(f"`{info.name}` has no field `{name}`", errors={name: "no such field"})
        if info.fields[name].is_read_only:
            raise RejectedError(f"`{name}` is kept by the CRM", errors={name: "kept by the CRM"})
    return {name: to_wire(info.fields[name], value) for name, value in operation.values.items()}


def _is_repeat(tryton: Tryton, info: ObjectInfo, row: dict[str, Any], operation: Operation) -> bool:
    """Whether this very update was applied already: the stamp is newer than the one it was to meet, its values are
    there, and we were the last to write."""
    if operation.verb == "archive" or not operation.version or row[TIMESTAMP] == operation.version:
        return False
    return _holds(info, row, operation.values) and row["write_uid"] == tryton.get_user_id()


def _ensure_unchanged(info: ObjectInfo, row: dict[str, Any], operation: Operation) -> None:
    if operation.version and row[TIMESTAMP] != operation.version:
        raise ConflictError("the record was changed since it was read")
    info.ensure_fields(operation.before)
    moved = [name for name, value in operation.before.items() if of_field(info.fields[name], row[name]) != value]
    if moved:
        raise ConflictError(f"changed since they were read: {', '.join(sorted(moved))}")


def _holds(info: ObjectInfo, row: dict[str, Any], values: dict[str, JsonValue]) -> bool:
    return all(of_field(info.fields[name], row[name]) == value for name, value in values.items() if name in info.fields)
