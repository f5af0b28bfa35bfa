"""What an operation asks for, and whether its record still is as it was seen."""

import hashlib
import json

from crm_connectors.domain.field_value import is_same_value
from crm_connectors.domain.record import Operation
from crm_connectors.models import CrmRecord
from crm_connectors.port import ConflictError


def operation_digest(operation: Operation) -> str:
    """What the operation asks for, whoever asks and whatever they had read before."""
    asked = [operation.verb, operation.object, operation.record_id, operation.values, operation.association]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def require_unchanged(record: CrmRecord, operation: Operation) -> None:
    """Whether a locked record has the version and the values that were read before. Raises ConflictError."""
    if operation.version and operation.version != str(record.version):
        raise ConflictError("the record changed since the version that was read")
    moved = [name for name, seen in operation.before.items() if not is_same_value(record.values.get(name), seen)]
    if moved:
        names = ", ".join(f"`{name}`" for name in moved)
        raise ConflictError(f"{names} changed since the value that was read")
