"""Proposing that an entry comes off the do-not-contact list; another one of compliance countersigns (DNC-06)."""

from datetime import datetime
from uuid import UUID

from governance.models import DncEntry
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_proposals import propose_change


def propose_dnc_removal(*, entry_id: UUID, reason: str, person_id: UUID, user_id: int, now: datetime) -> UUID:
    """Put the removal of an entry, with every address that it covers, before a second person.

    Returns the proposal's id. Raises DncEntry.DoesNotExist and what `propose_change` raises.
    """
    entry = DncEntry.objects.get(pk=entry_id)
    if entry.parent_id is not None:
        raise ChangeRefusedError("it comes off with the person or company whose address it is")
    return propose_change(
        workspace_id=entry.workspace_id,
        kind="dnc.remove",
        payload={"entry": str(entry.pk), "kind": entry.kind, "since": entry.effective_from.isoformat()},
        subject=removal_subject(entry.pk),
        reason=reason,
        person_id=person_id,
        user_id=user_id,
        now=now,
    )


def removal_subject(entry_id: UUID) -> str:
    """The line that names the proposal: the entry, never the address, since proposals are kept for ever."""
    return f"Take do-not-contact entry {entry_id} off the list"
