"""The newest signed state, and how far it is behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from audit.models import Checkpoint, LedgerLeaf, PendingEvent
from audit.selectors.tree import get_tree_size


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A checkpoint: `size` leaves under `root` (32 bytes), the signed `note`, when it was signed."""

    size: int
    root: bytes
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Lag:
    """What is not yet proven: events without a leaf, leaves without a checkpoint, and the age of the oldest of them."""

    pending: int
    unsigned: int
    oldest_age: timedelta


def get_newest_checkpoint() -> SignedHead | None:
    row = Checkpoint.objects.order_by("-size").first()
    return None if row is None else _head(row)


def get_checkpoint(size: int) -> SignedHead | None:
    """The checkpoint signed at exactly `size` leaves, if there was one."""
    row = Checkpoint.objects.filter(size=size).first()
    return None if row is None else _head(row)


def get_lag(*, now: datetime) -> Lag:
    """How far sequencing and signing are behind; readiness goes red past five seconds."""
    return get_lag_behind(get_newest_checkpoint(), now=now)


def get_lag_behind(newest: SignedHead | None, *, now: datetime) -> Lag:
    """The same where the newest checkpoint was read already."""
    signed = newest.size if newest else 0
    pending = PendingEvent.objects.count()
    times = [
        PendingEvent.objects.aggregate(oldest=Min("event__at"))["oldest"] if pending else None,
        LedgerLeaf.objects.filter(leaf_index=signed).values_list("event__at", flat=True).first(),
    ]
    oldest = min((time for time in times if time is not None), default=now)
    return Lag(pending=pending, unsigned=get_tree_size() - signed, oldest_age=max(now - oldest, timedelta()))


def _head(row: Checkpoint) -> SignedHead:
    return SignedHead(size=row.size, root=bytes(row.root), note=row.note, signed_at=row.signed_at)
