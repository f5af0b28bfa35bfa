"""Proofs against the newest checkpoint, or between two of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from audit.domain.proof import consistency_ranges, inclusion_ranges
from audit.models import LedgerLeaf
from audit.selectors.checkpoint import SignedHead, get_newest_checkpoint
from audit.selectors.tree import get_range_root, range_reader


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Shows that an event is leaf `leaf_index` of `checkpoint`'s tree. `hashes`: 32 bytes each, leaf → root."""

    leaf_index: int
    leaf_hash: bytes
    hashes: tuple[bytes, ...]
    checkpoint: SignedHead


def get_inclusion_proof(event_id: UUID) -> InclusionProof | None:
    """The proof of an event under the newest checkpoint; None while it is under none. Raises DamagedTreeError."""
    leaf = LedgerLeaf.objects.filter(event_id=event_id).values_list("leaf_index", "leaf_hash").first()
    head = get_newest_checkpoint()
    if leaf is None or head is None or leaf[0] >= head.size:
        return None
    ranges = inclusion_ranges(leaf[0], head.size)
    hashes = tuple(get_range_root(start, end, size=head.size) for start, end in ranges)
    return InclusionProof(leaf_index=leaf[0], leaf_hash=bytes(leaf[1]), hashes=hashes, checkpoint=head)


def get_inclusion_proofs(event_ids: Iterable[UUID]) -> dict[UUID, InclusionProof]:
    """The proofs of those among the events that lie under the newest checkpoint, which is the same for all of them.

    Each tile is read once, however many of them lie in it. Raises DamagedTreeError.
    """
    head = get_newest_checkpoint()
    if head is None:
        return {}
    rows = LedgerLeaf.objects.filter(event_id__in=list(event_ids), leaf_index__lt=head.size).order_by("leaf_index")
    root_of = range_reader(head.size)
    return {
        event_id: InclusionProof(
            leaf_index=index,
            leaf_hash=bytes(leaf),
            hashes=tuple(root_of(start, end) for start, end in inclusion_ranges(index, head.size)),
            checkpoint=head,
        )
        for event_id, index, leaf in rows.values_list("event_id", "leaf_index", "leaf_hash")
    }


def get_consistency_proof(first: int, second: int) -> tuple[bytes, ...]:
    """The proof that the tree of `first` leaves is a prefix of that of `second`. Requires 0 < first ≤ second ≤ size.

    Raises ValueError, DamagedTreeError.
    """
    ranges = consistency_ranges(first, second)
    return tuple(get_range_root(start, end, size=second) for start, end in ranges)


def is_under_checkpoint(event_id: UUID) -> bool:
    """Whether a signed checkpoint covers the event (what an action that cannot be undone waits for)."""
    index = LedgerLeaf.objects.filter(event_id=event_id).values_list("leaf_index", flat=True).first()
    head = get_newest_checkpoint()
    return index is not None and head is not None and index < head.size
