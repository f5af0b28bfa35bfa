"""The ledger's events of a two-person change: kind, digest and people; reasons stay erasable."""

from typing import Any
from uuid import UUID

from audit.domain.event import Actor, NewEvent, Subject
from governance.models import ChangeProposal


def change_event(
    type_: str,
    proposal: ChangeProposal,
    person_id: UUID | None,
    *,
    reason: str = "",
    is_applied: bool | None = None,
) -> NewEvent:
    """One step of one proposal, whose workspace is joined. Without a person it was the clock."""
    data: dict[str, Any] = {
        "kind": proposal.kind,
        "digest": proposal.digest,
        "proposed_by": str(proposal.proposed_by_id),
    }
    if is_applied is not None:
        data["is_applied"] = is_applied
    actor = Actor("human", str(person_id)) if person_id is not None else Actor("system", "expiry")
    return NewEvent(
        type=type_,
        workspace=proposal.workspace.slug,
        actor=actor,
        subject=Subject("change_proposal", str(proposal.pk)),
        correlation_id=str(proposal.pk),
        data=data,
        values={"subject": proposal.subject} | ({"reason": reason.strip()} if reason.strip() else {}),
    )
