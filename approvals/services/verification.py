"""Read-back: `executed` is only said when the CRM itself agrees."""

from datetime import datetime
from typing import Any

from approvals.services.claim import Claim
from approvals.services.judging import load_index
from approvals.services.provenance import signed_fields
from crm_connectors.domain.record import Operation
from crm_connectors.port import Connector, NotFoundError
from governance.domain.drift import find_drift
from governance.domain.facts import RecordFacts
from governance.domain.reading import windowed_fields


def read_before(connector: Connector, claim: Claim) -> tuple[dict[str, Any], str]:
    """What the record holds right before the write, and its version; empty when the action makes a record.

    Raises ConnectorError.
    """
    operation = claim.operation
    if operation.record_id is None:
        return {}, ""
    fields = [change.field for change in claim.patch]
    record = connector.read(object_type=operation.object, record_id=operation.record_id, fields=fields)
    return record.values, record.version


def is_as_judged(claim: Claim, found: dict[str, Any], version: str) -> bool:
    """Whether the record still holds what was judged (EXE-05): the before-values of the patch; for an archive, which
    takes every field away, the whole record as it was then. Provenance is the last writer's, whoever that was since."""
    if claim.operation.verb == "archive" and version != claim.operation.version:
        return False
    signed = signed_fields(claim.request)
    before = {change.field: change.before for change in claim.patch if change.field not in signed}
    return not find_drift(before, RecordFacts(exists=True, values=found))


def is_refreshed_since(connector: Connector, claim: Claim) -> bool:
    """REG-09: whether someone else wrote a field that has a window after it was judged, were it the same value. What
    the CRM cannot say is not known to be untouched. No call unless the patch changes such a field."""
    held = (claim.request.facts.get("record") or {}).get("last_writes") or ()
    judged = {item["field"]: datetime.fromisoformat(item["at"]) for item in held}
    index = load_index(str(claim.request.decision.get("policy_version", "")) or None)
    record_id = claim.operation.record_id
    if index is None or claim.request.agent_id is None or record_id is None:
        return False
    fields = windowed_fields(
        index,
        connection=claim.request.connection.name,
        object_type=claim.operation.object,
        fields=[change.field for change in claim.patch],
    )
    if not fields:
        return False
    found = connector.last_changes(object_type=claim.operation.object, record_ids=[record_id], fields=sorted(fields))
    others = (item for item in found.get(record_id, ()) if item.operation_key != claim.operation.operation_key)
    return any(item.field not in judged or item.at > judged[item.field] for item in others)


def read_after(connector: Connector, operation: Operation, record_id: str) -> dict[str, Any] | None:
    """What the record holds now, of the fields that were written; None when there is no such record.

    Raises ConnectorError.
    """
    try:
        record = connector.read(object_type=operation.object, record_id=record_id, fields=sorted(operation.values))
    except NotFoundError:
        return None
    return record.values


def is_as_written(operation: Operation, after: dict[str, Any] | None) -> bool:
    """Whether the read-back is what was meant: gone for an archive, equal values (as the port normalises) else."""
    if operation.verb == "archive":
        return after is None
    return after is not None and not find_drift(operation.values, RecordFacts(exists=True, values=after))
