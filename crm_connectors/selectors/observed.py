"""What CRMs told of changes, as values for those who compare."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from crm_connectors.models import ChangeWatch, ObservedChange


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """One observed change. See `crm_connectors.models.ObservedChange`."""

    id: UUID
    object_type: str
    record_id: str
    field: str
    value_print: str
    writer: str
    actor: str
    operation_key: str
    changed_at: datetime
    seen_at: datetime


class WatchState(msgspec.Struct, frozen=True, kw_only=True):
    """How the watching of one object stands, as `ChangeWatch` has it. `reached_at` by the CRM's clock."""

    connection_id: UUID
    object_type: str
    since: datetime
    reached_at: datetime
    looked_at: datetime | None
    problem: str
    own_writers: tuple[str, ...]
    missing_fields: tuple[str, ...]


_COLUMNS = tuple(Observed.__struct_fields__)


def list_observed(
    connection_id: UUID,
    *,
    since: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
    without: QuerySet[Model],
) -> list[Observed]:
    """Changes of a connection in the order in which they were seen, those of one moment by id. Left out are those whose
    id is the key of a row of `without`. One query."""
    rows = ObservedChange.objects.filter(_is_none_of(without), connection_id=connection_id, seen_at__gte=since)
    if after is not None:
        rows = rows.filter(Q(seen_at__gt=after[0]) | Q(seen_at=after[0], id__gt=after[1]))
    return [Observed(**row) for row in rows.order_by("seen_at", "id").values(*_COLUMNS)[:limit]]


def list_old(before: datetime, limit: int, *, among: QuerySet[Model]) -> Sequence[UUID]:
    """Changes that were seen before and whose id is the key of a row of `among`; the oldest first. One query."""
    rows = ObservedChange.objects.filter(~_is_none_of(among), seen_at__lt=before).order_by("id")
    return list(rows.values_list("id", flat=True)[:limit])


def _is_none_of(rows: QuerySet[Model]) -> Any:
    return ~Exists(rows.filter(pk=OuterRef("pk")))


def list_watched_connections() -> list[UUID]:
    """Connections of which anything is watched. One query."""
    return list(ChangeWatch.objects.order_by("connection_id").values_list("connection_id", flat=True).distinct())


def list_own_writers(connection_id: UUID) -> frozenset[str]:
    """How this connection's history names our credential, as its connector says. One query."""
    rows = ChangeWatch.objects.filter(connection_id=connection_id).values_list("own_writers", flat=True)
    return frozenset(name for names in rows for name in names)


def list_watches(connection_ids: Sequence[UUID]) -> list[WatchState]:
    """How far each object of these connections was read. One query."""
    rows = ChangeWatch.objects.filter(connection_id__in=connection_ids).order_by("connection_id", "object_type")
    return [msgspec.convert(row, WatchState) for row in rows.values(*WatchState.__struct_fields__)]
