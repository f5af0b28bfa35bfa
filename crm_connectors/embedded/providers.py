"""Which provider carries out an operation: plain records go to the CRM, what leaves the house to its own module."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crm_connectors.domain.record import Operation, Receipt
from crm_connectors.embedded.enrolling import enrolment_values
from crm_connectors.embedded.exporting import make_export, remove_export
from crm_connectors.embedded.mailing import send_email
from crm_connectors.embedded.operations import apply_operation, apply_operations, find_applied
from crm_connectors.port import ConnectorError, NotFoundError
from crm_connectors.selectors.embedded_read import get_record


def carry_out(connection_id: UUID, operation: Operation, *, now: datetime) -> Receipt:
    """Apply one operation, once. Raises what the port allows."""
    match operation.verb, operation.object:
        case "create", "emails":
            return send_email(connection_id, operation, now=now)
        case "create", "exports":
            return find_applied(connection_id, operation) or make_export(connection_id, operation, now=now)
        case "archive", "exports":
            return _remove_export(connection_id, operation, now)
        case "create", "sequence_enrolments":
            if repeat := find_applied(connection_id, operation):
                return repeat
            kept = enrolment_values(connection_id, operation, now=now)
            return apply_operation(connection_id, operation, now=now, kept=kept)
        case _:
            return apply_operation(connection_id, operation, now=now)


def carry_out_together(
    connection_id: UUID, operations: Sequence[Operation], *, now: datetime
) -> dict[str, Receipt | ConnectorError]:
    """Apply several operations, what is the CRM's own in one transaction; by operation key."""
    plain = [one for one in operations if one.verb in ("update", "archive") and one.object != "exports"]
    done = apply_operations(connection_id, plain, now=now) if plain else {}
    for operation in operations:
        if operation.operation_key not in done:
            done[operation.operation_key] = _carry_out_or_tell(connection_id, operation, now)
    return done


def _carry_out_or_tell(connection_id: UUID, operation: Operation, now: datetime) -> Receipt | ConnectorError:
    try:
        return carry_out(connection_id, operation, now=now)
    except ConnectorError as error:
        return error


def is_email(operation: Operation) -> bool:
    """Whether the operation sends a message, which no transaction can take back."""
    return operation.verb == "create" and operation.object == "emails"


def _remove_export(connection_id: UUID, operation: Operation, now: datetime) -> Receipt:
    try:
        record = get_record(connection_id, "exports", operation.record_id or "", ("file",))
    except NotFoundError:  # archived before: the repeat finds its receipt, the file is gone
        return apply_operation(connection_id, operation, now=now)
    return remove_export(connection_id, operation, file=str(record.values["file"]), now=now)
