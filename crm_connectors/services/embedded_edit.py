"""What a person does in the embedded CRM itself: make, edit, archive a record. Agents never come this way.

Such edits are the CRM's own business, as they would be in any CRM: they leave the CRM's field history, and reach us as
drift.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from crm_connectors.domain.record import JsonValue, Receipt
from crm_connectors.embedded.transaction import open_transaction
from crm_connectors.embedded.write import (
    Author,
    archive_record,
    change_record,
    create_record,
    lock_object,
    lock_record,
)
from crm_connectors.models import CrmRecord
from crm_connectors.port import ConflictError


def edit_record(
    *,
    connection_id: UUID,
    object_type: str,
    record_id: str,
    values: Mapping[str, JsonValue],
    actor: str,
    now: datetime,
    version: str = "",
) -> Receipt:
    """Write fields as a person. With `version`, only if the record is still the one that was seen. Commits once.

    Raises ConflictError, RejectedError (with a complaint per field), NotFoundError.
    """
    with open_transaction():
        record = lock_record(connection_id, object_type, record_id)
        _require_version(record, version)
        change_record(record, values, author=Author(actor=actor, at=now))
        return Receipt(record_id=record_id, version=str(record.version))


def add_record(
    *, connection_id: UUID, object_type: str, values: Mapping[str, JsonValue], actor: str, now: datetime
) -> Receipt:
    """Make a record as a person. Commits once. Raises RejectedError (with a complaint per field), NotFoundError."""
    with open_transaction():
        crm_object = lock_object(connection_id, object_type)
        record = create_record(crm_object, values, author=Author(actor=actor, at=now))
        return Receipt(record_id=str(record.number), version=str(record.version))


def remove_record(*, connection_id: UUID, object_type: str, record_id: str, actor: str, now: datetime) -> Receipt:
    """Archive a record as a person. Commits once. Raises NotFoundError, for an archived one too."""
    with open_transaction():
        record = lock_record(connection_id, object_type, record_id)
        archive_record(record, author=Author(actor=actor, at=now))
        return Receipt(record_id=record_id, version=str(record.version))


def _require_version(record: CrmRecord, version: str) -> None:
    if version and version != str(record.version):
        raise ConflictError("the record changed since you opened it")
