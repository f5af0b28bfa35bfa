"""Applying an operation once: the conditional write and the unique key that absorbs repeats (class A).

Last of the six files that tell one request's way (docs/architecture.md): `EmbeddedConnector.send` comes here, where the
operation makes or changes a record; what e-mails and exports do besides is in `crm_connectors.embedded.providers`. The
key of an operation is `request:<id>`, the same for every attempt of one request.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from crm_connectors.domain.record import JsonValue, Operation, Receipt
from crm_connectors.embedded.asked import operation_digest, require_unchanged
from crm_connectors.embedded.changing_many import apply_updates
from crm_connectors.embedded.transaction import open_transaction
from crm_connectors.embedded.write import (
    Author,
    archive_record,
    change_record,
    create_record,
    lock_object,
    lock_record,
)
from crm_connectors.models import AppliedOperation, CrmRecord
from crm_connectors.port import (
    AmbiguousError,
    ConnectorError,
    NotFoundError,
    RejectedError,
    TransientError,
)


def apply_operation(
    connection_id: UUID, operation: Operation, *, now: datetime, kept: Mapping[str, JsonValue] | None = None
) -> Receipt:
    """Apply an operation in one transaction of its own, or answer as the first time when it was applied before.

    The record (or, for a new one, its object) is locked before the key is looked up, so that of two equal operations
    the second finds the first. `kept` are values of a new record that the provider itself sets. Commits the record, its
    history and the key together.
    Raises ConflictError, RejectedError, NotFoundError, TransientError, AmbiguousError.
    """
    if not operation.operation_key:
        raise RejectedError("an operation needs a key")
    try:
        with open_transaction():
            return _apply_locked(connection_id, operation, now, kept or {})
    except IntegrityError as error:  # the same key raced in on another object: locks do not meet, the constraint does
        raise RejectedError("this operation key was used for another operation") from error


def apply_operations(
    connection_id: UUID, operations: Sequence[Operation], *, now: datetime
) -> dict[str, Receipt | ConnectorError]:
    """Apply several operations in one transaction, each of which succeeds or fails by itself; by operation key.

    What the database itself refuses refuses them all: TransientError or AmbiguousError for each. Commits together what
    was applied.
    """
    try:
        try:
            with open_transaction():
                return _apply_all(connection_id, operations, now, are_together=True)
        except IntegrityError:  # one of the keys raced in: nothing was applied, and each tells by itself
            with open_transaction():
                return _apply_all(connection_id, operations, now, are_together=False)
    except (TransientError, AmbiguousError) as error:
        return {operation.operation_key: error for operation in operations}


def _apply_all(
    connection_id: UUID, operations: Sequence[Operation], now: datetime, *, are_together: bool
) -> dict[str, Receipt | ConnectorError]:
    """Updates by a few statements for all of them; whatever else it is one by one, in one order everywhere."""
    updates = [one for one in operations if one.verb == "update" and one.operation_key] if are_together else []
    done = apply_updates(connection_id, updates, now=now) if updates else {}
    for operation in sorted(operations, key=lambda one: (one.object, one.record_id or "")):
        if operation.operation_key not in done:
            done[operation.operation_key] = _apply_or_tell(connection_id, operation, now)
    return done


def _apply_or_tell(connection_id: UUID, operation: Operation, now: datetime) -> Receipt | ConnectorError:
    try:
        with transaction.atomic():
            return _apply_locked(connection_id, operation, now, {})
    except IntegrityError:
        return RejectedError("this operation key was used for another operation")
    except ConnectorError as error:
        return error


def find_applied(connection_id: UUID, operation: Operation) -> Receipt | None:
    """The receipt of an operation that was applied, None if it was not. One query.

    Raises RejectedError when its key was used for another operation."""
    rows = AppliedOperation.objects.filter(connection_id=connection_id, operation_key=operation.operation_key)
    row = rows.values("digest", "version", "record__number").first()
    if row is None:
        return None
    if row["digest"] != operation_digest(operation):
        raise RejectedError("this operation key was used for another operation")
    return Receipt(record_id=str(row["record__number"]), version=str(row["version"]), is_repeat=True)


def _apply_locked(connection_id: UUID, operation: Operation, now: datetime, kept: Mapping[str, JsonValue]) -> Receipt:
    author = Author(actor=operation.actor, at=now, operation_key=operation.operation_key)
    if operation.verb == "create":
        crm_object = lock_object(connection_id, operation.object)
        if repeat := find_applied(connection_id, operation):
            return repeat
        parent = _lock_parent(connection_id, operation)
        record = create_record(crm_object, operation.values, author=author, associated_with=parent, kept=kept)
    else:
        record = lock_record(connection_id, operation.object, operation.record_id)
        if repeat := find_applied(connection_id, operation):
            return repeat
        _change(record, operation, author)
    return _record_applied(connection_id, operation, record, now)


def _change(record: CrmRecord, operation: Operation, author: Author) -> None:
    if record.archived_at is not None:
        raise NotFoundError(f"this record of `{operation.object}` is archived")
    require_unchanged(record, operation)
    match operation.verb:
        case "update":
            change_record(record, operation.values, author=author)
        case "archive":
            archive_record(record, author=author)
        case _:
            raise RejectedError(f"`{operation.verb}` is no verb of this CRM")


def _lock_parent(connection_id: UUID, operation: Operation) -> CrmRecord | None:
    if operation.association is None:
        return None
    parent = lock_record(connection_id, *operation.association)
    if parent.archived_at is not None:
        raise NotFoundError(f"the record of `{operation.association[0]}` it belongs to is archived")
    return parent


def _record_applied(connection_id: UUID, operation: Operation, record: CrmRecord, now: datetime) -> Receipt:
    AppliedOperation.objects.create(
        connection_id=connection_id,
        operation_key=operation.operation_key,
        digest=operation_digest(operation),
        record=record,
        version=record.version,
        actor=operation.actor,
        correlation_id=operation.correlation_id,
        applied_at=now,
    )
    return Receipt(record_id=str(record.number), version=str(record.version))
