"""Taking someone off the do-not-contact list: compliance proposes, another one of compliance countersigns (DNC-06)."""

from datetime import datetime, timedelta

from django.db.models import Q

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.proposed_change import Payload, ProposedChange
from governance.models import DncEntry, Workspace
from governance.services.change_kind import ChangeKind, ChangeRefusedError


def describe(payload: Payload) -> tuple[str, ...]:
    """Payload: `entry` (id), `kind` and `since` of the entry. Never the address: a proposal is kept for ever."""
    return (
        f"Takes the {payload['kind']} entry of {payload['since'][:10]} off the do-not-contact list.",
        "Every address that it covers comes off with it.",
        "From then on it stops nothing. The entry, its proof and its history stay on record.",
    )


def check(payload: Payload, change: ProposedChange) -> None:
    """Raises ChangeRefusedError."""
    rows = DncEntry.objects.filter(
        pk=payload["entry"], workspace_id=change.workspace_id, removed_at__isnull=True, parent__isnull=True
    )
    if not rows.exists():
        raise ChangeRefusedError("no such entry is on the list any more")


def apply(payload: Payload, change: ProposedChange, now: datetime) -> None:
    of_it = Q(pk=payload["entry"]) | Q(parent_id=payload["entry"])
    rows = DncEntry.objects.filter(of_it, workspace_id=change.workspace_id, removed_at__isnull=True)
    ended = rows.update(removed_at=now, removal_id=change.id)
    slug = Workspace.objects.values_list("slug", flat=True).get(pk=change.workspace_id)
    event = NewEvent(
        type="dnc.removed",
        workspace=slug,
        actor=Actor("human", str(change.countersigned_by)),
        subject=Subject("dnc_entry", payload["entry"]),
        correlation_id=f"dnc-{payload['entry']}",
        data={
            "covers": ended - 1,
            "kind": payload["kind"],
            "proposal": str(change.id),
            "proposed_by": str(change.proposed_by),
        },
        values={"reason": change.reason},
    )
    append_event(event, now=now)


KIND = ChangeKind(
    label="Take off the do-not-contact list",
    propose="manage_dnc",
    countersign=("manage_dnc",),
    expires_after=timedelta(days=7),
    describe=describe,
    check=check,
    apply=apply,
)
