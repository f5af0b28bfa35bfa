"""Opening a guarded field (stage, lifecycle) to agents with approval takes two people, and never goes higher (§6)."""

from datetime import datetime, timedelta

from audit.domain.event import Actor
from governance.domain.commitment import is_guarded_name
from governance.domain.proposed_change import Payload, ProposedChange
from governance.domain.vocabulary import PermissionLevel, Writer
from governance.models import FieldOwnership
from governance.services.change_kind import ChangeKind, ChangeRefusedError
from governance.services.config_changes import record_config_change


def describe(payload: Payload) -> tuple[str, ...]:
    """Payload: `ownership` (id of the matrix row), `name` (`deals.dealstage`), `from` and `to` (permission levels)."""
    return (
        f"Agents may propose changes of {payload['name']}; each of them takes a person's approval.",
        f"Its permission level goes from “{payload['from'].replace('_', ' ')}” to “approval”.",
        "Decisions go by it once the policy is published.",
    )


def check(payload: Payload, change: ProposedChange) -> None:
    """Raises ChangeRefusedError."""
    row = _find(payload, change)
    if payload["to"] != PermissionLevel.APPROVAL:
        raise ChangeRefusedError("stage and lifecycle can be raised to `approval`, never higher")
    if not is_guarded_name(row.field.name, row.field.revenue_field.name if row.field.revenue_field else ""):
        raise ChangeRefusedError("only stage and lifecycle take two people: edit the matrix for the others")
    if row.permission_level != payload["from"] or row.permission_level == PermissionLevel.APPROVAL:
        raise ChangeRefusedError(f"the field's permission level is `{row.permission_level}` now")


def apply(payload: Payload, change: ProposedChange, now: datetime) -> None:
    row = _find(payload, change)
    row.permission_level = PermissionLevel.APPROVAL.value
    row.allowed_writers = sorted({*row.allowed_writers, Writer.AGENT.value})
    row.save(update_fields=["permission_level", "allowed_writers"])
    record_config_change(
        workspace_id=change.workspace_id,
        row=row,
        operation="updated",
        fields=["allowed_writers", "permission_level"],
        actor=Actor("human", str(change.countersigned_by)),
        now=now,
    )


def _find(payload: Payload, change: ProposedChange) -> FieldOwnership:
    rows = FieldOwnership.objects.select_for_update(of=("self",)).select_related("field__revenue_field")
    row = rows.filter(pk=payload["ownership"], field__connection__workspace_id=change.workspace_id).first()
    if row is None:
        raise ChangeRefusedError("the workspace has no such field in its matrix")
    return row


KIND = ChangeKind(
    label="Open a guarded field to agents",
    propose="edit_policy",
    countersign=("countersign_changes",),
    expires_after=timedelta(days=3),
    describe=describe,
    check=check,
    apply=apply,
)
