"""Lifting a kill switch takes two people: work goes on when the second one agrees (KIL-03)."""

from datetime import datetime, timedelta
from uuid import UUID

from audit.domain.event import Actor
from governance.domain.proposed_change import Payload, ProposedChange
from governance.models import KillSwitch
from governance.services.change_kind import ChangeKind, ChangeRefusedError
from governance.services.switches import SwitchError, lift_switch


def describe(payload: Payload) -> tuple[str, ...]:
    """Payload: `switch` (id), `what` (the stop in words), `engaged_because` (its reason)."""
    return (f"Ends the stop: {payload['what']}.", f"It was engaged because: {payload['engaged_because']}")


def check(payload: Payload, change: ProposedChange) -> None:
    """Raises ChangeRefusedError."""
    rows = KillSwitch.objects.filter(pk=payload["switch"], workspace_id=change.workspace_id, lifted_at__isnull=True)
    if not rows.exists():
        raise ChangeRefusedError("no such stop is in force in this workspace any more")


def apply(payload: Payload, change: ProposedChange, now: datetime) -> None:
    if change.countersigned_by is None:
        raise ChangeRefusedError("lifting a stop takes a second person")
    try:
        lift_switch(
            switch_id=UUID(payload["switch"]),
            reason=change.reason,
            proposed_by=change.proposed_by,
            countersigned_by=change.countersigned_by,
            actor=Actor("human", str(change.countersigned_by)),
            now=now,
        )
    except SwitchError as error:
        raise ChangeRefusedError(str(error)) from error


KIND = ChangeKind(
    label="Lift a kill switch",
    propose="lift_switches",
    countersign=("lift_switches",),
    expires_after=timedelta(days=1),
    describe=describe,
    check=check,
    apply=apply,
)
