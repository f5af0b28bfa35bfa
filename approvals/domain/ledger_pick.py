"""Ten random records of the ledger, picked so that nobody chose them and anyone can repeat it (QAS-03)."""

import hashlib
import heapq
from collections.abc import Iterable

PICKED = 10


def pick_leaves(root: bytes, leaves: Iterable[int], count: int = PICKED) -> tuple[int, ...]:
    """The `count` leaves whose sha256(root ‖ index as eight bytes) is smallest, in the tree's order.

    `root`: 32 bytes of a checkpoint over all of these leaves. It depends on every event, so that nobody could tell
    beforehand which would be picked.
    """
    return tuple(sorted(heapq.nsmallest(count, leaves, key=lambda leaf: _number(root, leaf))))


def _number(root: bytes, leaf: int) -> bytes:
    return hashlib.sha256(root + leaf.to_bytes(8, "big")).digest()
