"""How far the tree runs behind the events."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Subquery

from audit.models import Follower, LedgerLeaf, PendingEvent
from audit.selectors.tree import get_tree_size


@dataclass(frozen=True, slots=True)
class LedgerLag:
    """`tree_size` counts leaves; `lag_seconds` is the age of the oldest event without a leaf, 0 when there is none."""

    tree_size: int
    lag_seconds: float


def get_ledger_lag(*, now: datetime) -> LedgerLag:
    """The ledger's lag, by two queries that each read one end of an index."""
    oldest = PendingEvent.objects.order_by("pk").values_list("event__at", flat=True).first()
    return LedgerLag(
        tree_size=get_tree_size(),
        lag_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
    )


def get_follower_lags() -> dict[str, int]:
    """How many leaves each follower has not read yet. One query."""
    last = Subquery(LedgerLeaf.objects.order_by("-leaf_index").values("leaf_index")[:1])
    rows = Follower.objects.annotate(newest=last).values_list("name", "next_leaf", "newest")
    return {name: max(0, (-1 if newest is None else newest) + 1 - at) for name, at, newest in rows}
