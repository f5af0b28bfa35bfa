"""The proof of an intent: what cannot be repeated is not begun before its intent is under a signed checkpoint."""

import structlog

from approvals.services.claim import Claim
from audit.models import LedgerEvent, LedgerLeaf
from audit.selectors.checkpoint import get_newest_checkpoint
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger

log = structlog.get_logger(__name__)


class UnprovenIntentError(Exception):
    """The ledger could not sign the intent: nothing was sent."""

    code = "intent_not_proven"


def prove_intent(claim: Claim) -> None:
    """Make sure that the claim's event has a leaf under a signed checkpoint; does the ledger's turn if it has none yet.

    Commits the ledger's own transactions, so never called inside one. Raises UnprovenIntentError.
    """
    if _is_proven(claim):
        return
    try:
        maintain_ledger(now=get_now())
    except Exception:
        log.exception("the intent could not be signed", request_id=str(claim.request.pk))
    if not _is_proven(claim):
        raise UnprovenIntentError("the ledger could not sign the intent; nothing was sent")


def _is_proven(claim: Claim) -> bool:
    events = LedgerEvent.objects.filter(subject_id=str(claim.request.pk), type="request.claimed").order_by("-id")
    event_id = events.values_list("id", flat=True).first()
    leaf = LedgerLeaf.objects.filter(event_id=event_id).values_list("leaf_index", flat=True).first()
    head = get_newest_checkpoint()
    return leaf is not None and head is not None and leaf < head.size
