"""What could be erased of the ledger: events whose values are still kept (AUD-07)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from audit.domain.identifier import first_id_at
from audit.models import ErasableValues, LedgerEvent, SearchTerm


def list_erasable(
    *, workspaces: Collection[str], event_class: str, before: datetime, below_leaf: int, after: UUID | None, limit: int
) -> list[tuple[UUID, str]]:
    """(id, subject id) of events of a class with values, from before a moment and below a leaf, oldest first.

    `after` is the last id of the page before. Ids begin with their time: the oldest values are read and no others.
    """
    kept = ErasableValues.objects.filter(event_id__lt=first_id_at(before))
    kept = kept.filter(event_id__gt=after) if after is not None else kept
    rows = LedgerEvent.objects.filter(
        pk__in=kept.values("event_id"),
        workspace__in=workspaces,
        type__startswith=f"{event_class}.",
        at__lt=before,
        leaf__leaf_index__lt=below_leaf,
    )
    return list(rows.order_by("id").values_list("id", "subject_id")[:limit])


def list_subjects_with_terms(workspace: str, subject_ids: Collection[str], terms: Collection[int]) -> set[str]:
    """Those of the subjects of which at least one event has one of the search terms. One query."""
    found = SearchTerm.objects.filter(term__in=terms, event_id__in=_of_subjects(workspace, subject_ids).values("pk"))
    rows = LedgerEvent.objects.filter(pk__in=found.values("event_id"))
    return set(rows.values_list("subject_id", flat=True))


def list_events_of(workspace: str, subject_ids: Collection[str]) -> list[UUID]:
    """The ids of all events about the subjects, with values or without. One query."""
    return list(_of_subjects(workspace, subject_ids).values_list("pk", flat=True))


def _of_subjects(workspace: str, subject_ids: Collection[str]) -> QuerySet[LedgerEvent]:
    return LedgerEvent.objects.filter(workspace=workspace, subject_id__in=subject_ids)
