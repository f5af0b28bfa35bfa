"""How far the tree runs behind the events, and whether it still holds all that was signed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from audit.models import Checkpoint, LedgerLeaf, PendingEvent


@dataclass(frozen=True, slots=True)
class LedgerLag:
    """`tree_size` counts leaves; `signed_size` is the newest checkpoint's; `lag_seconds` the age of the oldest event
    without a leaf, 0 when there is none."""

    tree_size: int
    signed_size: int
    lag_seconds: float

    @property
    def is_shorter_than_signed(self) -> bool:
        """Leaves that a checkpoint vouches for are gone: a restored backup, or worse."""
        return self.tree_size < self.signed_size


def get_ledger_lag(*, now: datetime) -> LedgerLag:
    """The ledger's lag, by three queries that each read one end of an index."""
    last_leaf = LedgerLeaf.objects.aggregate(last=Max("leaf_index"))["last"]
    signed = Checkpoint.objects.aggregate(size=Max("size"))["size"]
    oldest = PendingEvent.objects.order_by("event_id").values_list("event__at", flat=True).first()
    return LedgerLag(
        tree_size=0 if last_leaf is None else last_leaf + 1,
        signed_size=signed or 0,
        lag_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
    )
