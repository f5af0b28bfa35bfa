"""One turn of the ledger's keeper: every pending event gets its leaf, then the new head is signed."""

from datetime import datetime

from audit.services.checkpoint import sign_checkpoint
from audit.services.sequence import TURN, sequence_pending


def advance_tree(*, now: datetime) -> int:
    """Sequence until nothing is left and sign what is committed; returns how many leaves were added.

    Commits one transaction per 1,000 events and one for the checkpoint. Raises what `sign_checkpoint` raises.
    """
    added = 0
    while True:
        turn = sequence_pending(now=now)
        added += turn
        if turn < TURN:
            break
    sign_checkpoint(now=now)
    return added
