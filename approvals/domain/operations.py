"""From a decided request to the connector's one write, and what takes it back (RVT-05)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from approvals.domain.patch import after_values
from crm_connectors.domain.record import Attachment, Operation
from governance.domain.action_class import IRREVERSIBLE
from governance.domain.decision import FieldChange
from governance.domain.facts import JsonValue

_VERBS = {"update": "update", "delete": "archive"}


class Compensation(StrEnum):
    """How an executed action is undone."""

    INVERSE_PATCH = "inverse_patch"
    ARCHIVE = "archive"
    NONE = "none"


def verb_of(action: str) -> str:
    """`update`, `archive`, or `create` for everything that makes a record."""
    return _VERBS.get(action, "create")


def compensation_of(action: str) -> Compensation:
    """What undoes this action: an archived record cannot be brought back through the port, nor a message that left."""
    if action in IRREVERSIBLE:
        return Compensation.NONE
    match verb_of(action):
        case "update":
            return Compensation.INVERSE_PATCH
        case _:
            return Compensation.ARCHIVE


def revert_action(compensation: Compensation) -> str:
    """The action class of the request that takes it back."""
    return "update" if compensation is Compensation.INVERSE_PATCH else "delete"


def make_operation(
    *,
    request_id: UUID,
    action: str,
    object_type: str,
    record_id: str,
    patch: Sequence[FieldChange],
    correlation_id: str,
    actor: str,
    association: tuple[str, str] | None,
    before: Mapping[str, JsonValue],
    version: str,
    attachments: tuple[Attachment, ...] = (),
) -> Operation:
    """The write of one request. Its key is the request's id: one request has one effect, however often it is tried."""
    return Operation(
        verb=verb_of(action),
        object=object_type,
        record_id=record_id or None,
        values=after_values(patch),
        operation_key=f"request:{request_id}",
        correlation_id=correlation_id,
        actor=actor,
        before=dict(before),
        version=version,
        association=association,
        attachments=attachments,
    )
