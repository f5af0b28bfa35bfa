"""Lifting a legal hold: compliance proposes, another one of compliance countersigns (AUD-07)."""

from datetime import datetime, timedelta

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.proposed_change import Payload, ProposedChange
from governance.models import LegalHold, Workspace
from governance.services.change_kind import ChangeKind, ChangeRefusedError


def describe(payload: Payload) -> tuple[str, ...]:
    """Payload: `hold` (id), `kind` and `name` of the hold."""
    return (
        f"Lifts the legal hold “{payload['name']}” on a {payload['kind']}.",
        "What it kept is erased when its time is up, and cannot be brought back.",
    )


def check(payload: Payload, change: ProposedChange) -> None:
    """Raises ChangeRefusedError."""
    rows = LegalHold.objects.filter(pk=payload["hold"], workspace_id=change.workspace_id, lifted_at__isnull=True)
    if not rows.exists():
        raise ChangeRefusedError("no such hold is in force any more")


def apply(payload: Payload, change: ProposedChange, now: datetime) -> None:
    rows = LegalHold.objects.filter(pk=payload["hold"], workspace_id=change.workspace_id, lifted_at__isnull=True)
    rows.update(lifted_at=now, lifting_id=change.id)
    event = NewEvent(
        type="legal_hold.lifted",
        workspace=Workspace.objects.values_list("slug", flat=True).get(pk=change.workspace_id),
        actor=Actor("human", str(change.countersigned_by)),
        subject=Subject("legal_hold", payload["hold"]),
        correlation_id=f"legal-hold-{payload['hold']}",
        data={"kind": payload["kind"], "proposal": str(change.id), "proposed_by": str(change.proposed_by)},
        values={"reason": change.reason},
    )
    append_event(event, now=now)


KIND = ChangeKind(
    label="Lift a legal hold",
    propose="manage_dnc",
    countersign=("manage_dnc",),
    expires_after=timedelta(days=7),
    describe=describe,
    check=check,
    apply=apply,
)
