"""Sending one e-mail through the embedded provider: class C, at most once.

The record commits first, then the message is delivered. Whoever dies in between leaves a record that says `queued` and
no message: nobody sends it again by itself, and a person decides.
"""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from crm_connectors.domain.outgoing_mail import attachments_of, make_message, message_id, message_name
from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.embedded.maildir import deliver_message, is_delivered, stage_message
from crm_connectors.embedded.operations import apply_operation, find_applied
from crm_connectors.embedded.transaction import open_transaction
from crm_connectors.embedded.write import Author, keep_values, lock_record
from crm_connectors.port import AmbiguousError, RejectedError, TransientError


def send_email(connection_id: UUID, operation: Operation, *, now: datetime) -> Receipt:
    """Send one message. A repeat is never delivered: it gets the first receipt, or AmbiguousError if nothing left.

    Raises what `apply_operation` raises, TransientError while the message cannot be staged, AmbiguousError when it may
    have left.
    """
    name = message_name(operation.operation_key)
    staged = _stage(connection_id, operation, now)
    kept = {"message_id": message_id(operation.operation_key), "delivery": "queued"}
    receipt = apply_operation(connection_id, operation, now=now, kept=kept)
    if receipt.is_repeat:
        staged.unlink(missing_ok=True)
        if not is_delivered(connection_id, name):
            raise AmbiguousError("this message was handed over before, and it did not leave")
        return receipt
    try:
        deliver_message(connection_id, staged)
        return _mark_delivered(connection_id, operation, receipt, now)
    except (OSError, TransientError) as error:
        raise AmbiguousError("nobody knows whether the message left") from error


def find_email(connection_id: UUID, operation: Operation, *, now: datetime) -> Receipt | None:
    """The receipt of a message that left; None when there is no sign that it did. Raises RejectedError."""
    receipt = find_applied(connection_id, operation)
    if receipt is None or not is_delivered(connection_id, message_name(operation.operation_key)):
        return None
    return _mark_delivered(connection_id, operation, receipt, now)


def _stage(connection_id: UUID, operation: Operation, now: datetime) -> Path:
    try:
        message = make_message(
            operation.values,
            operation_key=operation.operation_key,
            correlation_id=operation.correlation_id,
            now=now,
            attachments=operation.attachments,
        )
    except (TypeError, ValueError) as error:
        raise RejectedError("this cannot be written as an e-mail") from error
    try:
        staged = stage_message(connection_id, message_name(operation.operation_key), message)
        _require_intact(staged, operation)
    except OSError as error:
        raise TransientError("the mail provider takes no message now") from error
    return staged


def _require_intact(staged: Path, operation: Operation) -> None:
    """Read the files back before the message is anywhere it could leave from. Raises RejectedError."""
    if operation.attachments and attachments_of(staged.read_bytes()) != operation.attachments:
        staged.unlink(missing_ok=True)
        raise RejectedError("the attachments were not written as they were agreed to")


def _mark_delivered(connection_id: UUID, operation: Operation, receipt: Receipt, now: datetime) -> Receipt:
    with open_transaction():
        record = lock_record(connection_id, operation.object, receipt.record_id)
        author = Author(actor="mail provider", at=now, operation_key=operation.operation_key)
        keep_values(record, {"delivery": "delivered"}, author=author)
        return Receipt(record_id=receipt.record_id, version=str(record.version), is_repeat=receipt.is_repeat)
