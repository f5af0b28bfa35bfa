"""The ledger's regular turn: what a scheduler calls every second."""

from datetime import datetime

from audit.services.checkpoint import sign_checkpoint
from audit.services.sequence import TURN, sequence_pending
from audit.services.spool import import_spool


def maintain_ledger(*, now: datetime) -> int:
    """Import the spool, sequence everything pending, sign; returns how many events were sequenced.

    Commits transactions of their own, so it is called outside of one. Raises as the services that it calls.
    """
    import_spool(now=now)
    count = turn = sequence_pending(now=now)
    while turn == TURN:
        turn = sequence_pending(now=now)
        count += turn
    sign_checkpoint(now=now)
    return count
