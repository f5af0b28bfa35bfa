"""Weekly ledger reviews: the weeks, and the records of one (QAS-03)."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from approvals.models import LedgerReview, LedgerReviewItem
from audit.models import LedgerEvent


@dataclass(frozen=True, slots=True)
class PickedRecord:
    """One picked record with its event as the ledger holds it."""

    item: LedgerReviewItem
    event: LedgerEvent | None


def list_weeks(*, workspace_id: UUID, limit: int = 12) -> list[LedgerReview]:
    """Newest first, with `open_count` and `wrong_count` of their records. One query."""
    rows = LedgerReview.objects.filter(workspace_id=workspace_id).annotate(
        open_count=Count("items", filter=Q(items__verdict="")),
        wrong_count=Count("items", filter=Q(items__verdict="wrong")),
    )
    return list(rows.order_by("-week")[:limit])


def list_picked(review: LedgerReview) -> tuple[PickedRecord, ...]:
    """Its records in the tree's order. Two queries."""
    items = list(LedgerReviewItem.objects.filter(review=review).select_related("person").order_by("leaf_index"))
    events = {event.pk: event for event in LedgerEvent.objects.filter(pk__in=[item.event_id for item in items])}
    return tuple(PickedRecord(item, events.get(item.event_id)) for item in items)
