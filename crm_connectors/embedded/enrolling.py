"""Entering a person into a sequence of the embedded provider."""

from datetime import datetime
from uuid import UUID

from crm_connectors.domain.record import JsonValue, Operation
from crm_connectors.domain.sequence import next_due, read_steps
from crm_connectors.port import NotFoundError, RejectedError
from crm_connectors.selectors.embedded_read import get_record


def enrolment_values(connection_id: UUID, operation: Operation, *, now: datetime) -> dict[str, JsonValue]:
    """What the provider keeps of a new enrolment. Raises RejectedError for a sequence that is paused or not there."""
    try:
        sequence = get_record(
            connection_id, "sequences", str(operation.values.get("sequence") or ""), ("status", "steps")
        )
        steps = read_steps(str(sequence.values["steps"]))
    except NotFoundError as error:
        raise RejectedError("there is no such sequence", errors={"sequence": "names no sequence"}) from error
    except ValueError as error:
        raise RejectedError("the sequence cannot be read: mend its steps") from error
    if sequence.values["status"] != "active":
        raise RejectedError("the sequence is paused", errors={"sequence": "is paused"})
    due = next_due(steps, 0, now)
    return {
        "status": "active",
        "enrolled_at": now.isoformat(),
        "steps_done": 0,
        "next_step_at": due.isoformat() if due else None,
    }
