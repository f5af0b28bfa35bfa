"""Receipts: proofs that leave the house with all that is needed to check them (AUD-06)."""

from collections.abc import Iterable

from django.db.models import QuerySet

from audit.domain.body import ErasableValue, read_values
from audit.domain.event import Subject
from audit.domain.proof import inclusion_ranges
from audit.domain.receipt import ProvenEvent, format_bundle, format_receipt
from audit.models import ErasableValues, LedgerLeaf
from audit.selectors.checkpoint import SignedHead, get_newest_checkpoint
from audit.selectors.tree import get_range_root


def make_receipt(subject: Subject) -> bytes | None:
    """The C2SP tlog-proof of the newest event of `subject` that is under a checkpoint; None while there is none.

    Raises DamagedTreeError.
    """
    head = get_newest_checkpoint()
    leaf = _leaves(subject, head).last() if head is not None else None
    return None if head is None or leaf is None else format_receipt(_prove(leaf, head, {}), head.note)


def make_bundle(subject: Subject, *, has_values: bool) -> bytes | None:
    """Every event of `subject` that is under the newest checkpoint, with its proof; None while there is none.

    With `has_values` what was not erased lies beside: personal data. Raises DamagedTreeError.
    """
    head = get_newest_checkpoint()
    leaves = list(_leaves(subject, head)) if head is not None else []
    if head is None or not leaves:
        return None
    values = _values(leaf.event_id for leaf in leaves) if has_values else {}
    events = [_prove(leaf, head, values.get(leaf.event_id, {})) for leaf in leaves]
    return format_bundle(subject, events, head.note)


def _leaves(subject: Subject, head: SignedHead) -> QuerySet[LedgerLeaf]:
    of_subject = LedgerLeaf.objects.filter(event__subject_id=subject.id, event__subject_type=subject.type)
    return of_subject.filter(leaf_index__lt=head.size).select_related("event").order_by("leaf_index")


def _prove(leaf: LedgerLeaf, head: SignedHead, values: dict[str, ErasableValue]) -> ProvenEvent:
    ranges = inclusion_ranges(leaf.leaf_index, head.size)
    hashes = tuple(get_range_root(start, end, size=head.size) for start, end in ranges)
    return ProvenEvent(index=leaf.leaf_index, body=bytes(leaf.event.body), hashes=hashes, values=values)


def _values(event_ids: Iterable[object]) -> dict[object, dict[str, ErasableValue]]:
    rows = ErasableValues.objects.filter(event_id__in=list(event_ids)).values_list("event_id", "content")
    return {event_id: read_values(bytes(content)) for event_id, content in rows}
