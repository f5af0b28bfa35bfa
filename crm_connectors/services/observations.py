"""Keeping what CRMs tell of changes: each change once, without its value (drift)."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from crm_connectors.adapters.sealing import derive_key
from crm_connectors.domain.record import HistoryEntry, JsonValue
from crm_connectors.domain.value_print import value_print
from crm_connectors.models import ChangeWatch, ObservedChange, RecordNews

_PURPOSE = "value print"


def keep_changes(
    watch: ChangeWatch, changes: Mapping[str, Sequence[HistoryEntry]], *, was_told: bool, now: datetime
) -> int:
    """Keep what was changed since the watch began, by record; returns how many of it were new. Commits the rows."""
    rows = [
        _make(watch, record_id, entry, was_told=was_told, now=now)
        for record_id, entries in changes.items()
        for entry in entries
        if entry.at >= watch.since
    ]
    digests = [row.digest for row in rows]
    known = set[str]()
    for start in range(0, len(digests), 500):
        part = digests[start : start + 500]
        kept = ObservedChange.objects.filter(connection_id=watch.connection_id, digest__in=part)
        known.update(kept.values_list("digest", flat=True))
    fresh = {row.digest: row for row in rows if row.digest not in known}
    ObservedChange.objects.bulk_create(fresh.values(), batch_size=200, ignore_conflicts=True)
    return len(fresh)


def print_value(connection_id: UUID, value: JsonValue) -> str:
    """What an observed change bears if it left this value."""
    return value_print(derive_key(_PURPOSE) + connection_id.bytes, value)


def tell_of_records(*, connection_id: UUID, records: Collection[tuple[str, str]], now: datetime) -> None:
    """A CRM speaks of these records, `(object, id)`: their watches look at them next. Commits a row each, once."""
    watched = dict(ChangeWatch.objects.filter(connection_id=connection_id).values_list("object_type", "pk"))
    rows = [
        RecordNews(connection_id=connection_id, object_type=object_type, record_id=record_id, told_at=now)
        for object_type, record_id in sorted(set(records))
        if object_type in watched
    ]
    if not rows:
        return
    RecordNews.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connection", "object_type", "record_id"],
        update_fields=["told_at"],
    )
    named = {watched[row.object_type] for row in rows}
    ChangeWatch.objects.filter(pk__in=named, problem="", next_look_at__gt=now).update(next_look_at=now)


def forget_changes(ids: Sequence[UUID]) -> None:
    """Those that nobody needs any more."""
    ObservedChange.objects.filter(pk__in=ids).delete()


def _make(watch: ChangeWatch, record_id: str, entry: HistoryEntry, *, was_told: bool, now: datetime) -> ObservedChange:
    mark = print_value(watch.connection_id, entry.after)
    told = (watch.object_type, record_id, entry.field, entry.writer or entry.actor, entry.at.isoformat(), mark)
    return ObservedChange(
        connection_id=watch.connection_id,
        object_type=watch.object_type,
        record_id=record_id,
        field=entry.field,
        value_print=mark,
        writer=entry.writer[:200],
        actor=entry.actor[:200],
        operation_key=entry.operation_key[:200],
        changed_at=entry.at,
        seen_at=now,
        was_told=was_told,
        digest=hashlib.sha256(msgspec.json.encode(told)).hexdigest(),
    )
