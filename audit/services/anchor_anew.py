"""A person answers for a ledger whose anchor is ahead of it, gone or unreadable (AUD-06, F41)."""

from datetime import datetime

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.note import TreeHead
from audit.models import Checkpoint
from audit.services.anchor import AnchorError, check_anchor
from audit.services.append import append_event
from audit.services.barrier import forget_barrier
from audit.services.checkpoint import sign_checkpoint
from audit.services.known_keys import open_head
from audit.services.sequence import TURN, sequence_pending

_EVERYWHERE = "*"


class NothingToExplainError(AnchorError):
    """The database has all that was anchored, or no reason was given."""

    code = "nothing_to_explain"


def anchor_anew(*, actor: Actor, reason: str, now: datetime) -> TreeHead | None:
    """Anchor the ledger as the database has it, from here on: effects begin again, within a second everywhere.

    Commits `ledger.anchored_anew` with how the database stood, then its leaf, then the signed checkpoint; the anchor's
    new line comes last, and its older lines stay. Called outside of a transaction; again after a failure. Raises
    NothingToExplainError, LedgerUnavailableError and what `sign_checkpoint` raises; nothing is committed where the key
    that signed is not the one at hand.
    """
    if not reason.strip():
        raise NothingToExplainError("say why the database may be behind its anchor")
    found = _how_it_stands()
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is not None:
        open_head(newest.note)
    with transaction.atomic():
        append_event(_event(actor, reason.strip(), found), now=now)
    while sequence_pending(now=now) == TURN:
        pass
    head = sign_checkpoint(now=now, is_explained=True)
    forget_barrier()
    return head


def _how_it_stands() -> dict[str, object]:
    try:
        state = check_anchor()
    except AnchorError:
        return {"anchor": "unreadable"}
    if not state.is_behind:
        raise NothingToExplainError("the database has all that was anchored: there is nothing to explain")
    anchor = "missing" if state.is_missing else "ahead"
    return {"anchor": anchor, "leaves": state.local_size, "anchored": state.anchored_size}


def _event(actor: Actor, reason: str, found: dict[str, object]) -> NewEvent:
    return NewEvent(
        type="ledger.anchored_anew",
        workspace=_EVERYWHERE,
        actor=actor,
        subject=Subject("ledger", "anchor"),
        correlation_id="ledger-anchor",
        data=found,
        values={"reason": reason},
    )
