"""Updates of several records by a few statements, whatever their number; each succeeds or fails by itself.

As `crm_connectors.embedded.operations` does it for one: the records are locked before the keys are looked up, version
and before-values are compared, and records, history and keys are committed together.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from audit.services.changed_rows import change_rows, write_changes
from audit.services.rows import insert, rows_of
from crm_connectors.domain.field_value import find_complaints
from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.embedded.asked import operation_digest, require_unchanged
from crm_connectors.embedded.write import Author, Change, changes_of, find_change, refuse
from crm_connectors.models import AppliedOperation, CrmField, CrmRecord
from crm_connectors.port import ConnectorError, NotFoundError, RejectedError
from crm_connectors.selectors.embedded_read import parse_record_id
from crm_connectors.selectors.embedded_schema import field_schema, get_fields
from governance.domain.schema import FieldSchema

_Key = tuple[str, int]
Outcomes = dict[str, Receipt | ConnectorError]


class _Held(NamedTuple):
    """What is locked and looked up: records by object and number, keys that were applied, fields by object, as
    rows and in the words of all connectors."""

    records: Mapping[_Key, CrmRecord]
    applied: Mapping[str, AppliedOperation]
    fields: Mapping[int, Mapping[str, CrmField]]
    schemas: Mapping[int, Mapping[str, FieldSchema]]


def apply_updates(connection_id: UUID, operations: Sequence[Operation], *, now: datetime) -> Outcomes:
    """By operation key; what names other records is left out, for it is looked up one by one.

    In the caller's transaction, no two of one record. Raises django.db.Error; an IntegrityError when one of the keys
    races in on another object.
    """
    held = _hold(connection_id, operations)
    done: Outcomes = {}
    changes: list[Change] = []
    applied: list[AppliedOperation] = []
    for operation in operations:
        try:
            record = _record_of(held, operation)
            if operation.operation_key in held.applied:
                done[operation.operation_key] = _repeat(held.applied[operation.operation_key], operation)
                continue
            if _names_records(held, record, operation):
                continue
            change = _judge(held, record, operation, now)
        except ConnectorError as error:
            done[operation.operation_key] = error
            continue
        changes += [change] if change is not None else []
        applied.append(_applied(connection_id, operation, record, now))
        done[operation.operation_key] = Receipt(record_id=str(record.number), version=str(record.version))
    _write(changes, applied)
    return done


def _hold(connection_id: UUID, operations: Sequence[Operation]) -> _Held:
    """A query for the records of each object, one for its fields, one for the keys."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for operation in operations:
        try:
            wanted[operation.object].add(parse_record_id(operation.record_id))
        except NotFoundError:
            continue
    rows = CrmRecord.objects.select_for_update(of=("self",)).select_related("crm_object")
    records = {
        (name, row.number): row
        for name, numbers in wanted.items()
        for row in rows.filter(
            crm_object__connection_id=connection_id, crm_object__name=name, number__in=numbers
        ).order_by("pk")
    }
    keys = [operation.operation_key for operation in operations]
    known = AppliedOperation.objects.filter(connection_id=connection_id, operation_key__in=keys)
    fields = {object_id: get_fields(object_id) for object_id in {row.crm_object_id for row in records.values()}}
    return _Held(
        records,
        {row.operation_key: row for row in known.select_related("record")},
        fields,
        {key: {name: field_schema(field) for name, field in named.items()} for key, named in fields.items()},
    )


def _record_of(held: _Held, operation: Operation) -> CrmRecord:
    record = held.records.get((operation.object, parse_record_id(operation.record_id)))
    if record is None:
        raise NotFoundError(f"`{operation.object}` has no such record")
    return record


def _repeat(row: AppliedOperation, operation: Operation) -> Receipt:
    if row.digest != operation_digest(operation):
        raise RejectedError("this operation key was used for another operation")
    return Receipt(record_id=str(row.record.number), version=str(row.version), is_repeat=True)


def _names_records(held: _Held, record: CrmRecord, operation: Operation) -> bool:
    fields = held.fields[record.crm_object_id]
    return any(name in fields and fields[name].reference_object for name in operation.values)


def _judge(held: _Held, record: CrmRecord, operation: Operation, now: datetime) -> Change | None:
    """The change of the record, laid into it; None when it holds the values already. Raises ConnectorError."""
    if record.archived_at is not None:
        raise NotFoundError(f"this record of `{operation.object}` is archived")
    require_unchanged(record, operation)
    refuse(find_complaints(held.schemas[record.crm_object_id], operation.values, is_new=False))
    return find_change(record, operation.values, author=Author(operation.actor, now, operation.operation_key))


def _applied(connection_id: UUID, operation: Operation, record: CrmRecord, now: datetime) -> AppliedOperation:
    return AppliedOperation(
        connection_id=connection_id,
        operation_key=operation.operation_key,
        digest=operation_digest(operation),
        record=record,
        version=record.version,
        actor=operation.actor,
        correlation_id=operation.correlation_id,
        applied_at=now,
    )


def _write(changes: Sequence[Change], applied: Sequence[AppliedOperation]) -> None:
    if changes:
        columns = ("values", "title", "version", "modified_at")
        rows = [(one.record.pk, *(getattr(one.record, name) for name in columns)) for one in changes]
        write_changes(change_rows(CrmRecord, keys=("id",), columns=columns, rows=rows))
        insert(rows_of([row for one in changes for row in changes_of(one)]))
    if applied:
        insert(rows_of(applied))
