"""Tables of the ledger: insert-only, held so by triggers in both databases; pending and erasable rows may go."""

from audit.models.checkpoint import Checkpoint
from audit.models.event import ErasableValues, LedgerEvent, PendingEvent
from audit.models.follower import Follower
from audit.models.search import SearchTerm
from audit.models.tree import LedgerLeaf, Tile

__all__ = [
    "Checkpoint",
    "ErasableValues",
    "Follower",
    "LedgerEvent",
    "LedgerLeaf",
    "PendingEvent",
    "SearchTerm",
    "Tile",
]
