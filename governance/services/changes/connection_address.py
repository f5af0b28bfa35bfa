"""Where a production connection's calls go takes two people: whoever it is turned to is sent its secrets (IDN-05)."""

from datetime import datetime, timedelta

from governance.domain.proposed_change import Payload, ProposedChange
from governance.models import Connection
from governance.services.change_kind import ChangeKind, ChangeRefusedError


def describe(payload: Payload) -> tuple[str, ...]:
    """Payload: `connection` (id), its `name`, `digest` of the wanted settings, `from_digest` of those they replace,
    `changes`: title, before and after of each member that is another one afterwards."""
    moved = tuple(
        f"{title}: from `{before or 'none'}` to `{after or 'none'}`." for title, before, after in payload["changes"]
    )
    return (
        f"The production connection {payload['name']} is turned elsewhere.",
        *moved,
        "It forgets all its secrets with it: they are set again for the new place.",
    )


def check(payload: Payload, change: ProposedChange) -> None:
    """Raises ChangeRefusedError."""
    if not payload.get("digest") or not payload.get("from_digest"):
        raise ChangeRefusedError("it names no settings")
    if not Connection.objects.filter(pk=payload["connection"], workspace_id=change.workspace_id).exists():
        raise ChangeRefusedError("the workspace has no such connection")


def apply(payload: Payload, change: ProposedChange, now: datetime) -> None:  # noqa: ARG001
    """Nothing here: the countersigned row is what the set-up's worker waits for."""
    if change.countersigned_by is None:
        raise ChangeRefusedError("another address takes a second person")


KIND = ChangeKind(
    label="Turn a production connection elsewhere",
    propose="manage_agents",
    countersign=("countersign_changes",),
    expires_after=timedelta(days=1),
    describe=describe,
    check=check,
    apply=apply,
)
