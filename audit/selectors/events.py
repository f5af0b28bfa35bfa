"""Reading the ledger: filters that walk one index, keyset pages, never a COUNT."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from audit.domain.body import read_values
from audit.domain.event import Actor, Subject
from audit.models import ErasableValues, LedgerEvent, LedgerLeaf

MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One event as it was recorded. `data` is what the body says; `leaf_index` is None until it is sequenced."""

    id: UUID
    type: str
    at: datetime
    workspace: str
    actor: Actor
    subject: Subject
    correlation_id: str
    data: dict[str, Any]
    commitments: dict[str, str]
    leaf_index: int | None


def list_events(
    *,
    subject: Subject | None = None,
    subject_ids: Collection[str] | None = None,
    correlation_id: str | None = None,
    actor: Actor | None = None,
    workspace: str | None = None,
    type: str | None = None,  # noqa: A002  # the word of the ledger
    since: datetime | None = None,
    until: datetime | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[LedgerEntry]:
    """Newest first, at most `limit` (500). `before`: id of the last entry of the page before. since ≤ at < until."""
    wanted = {
        "subject_type": subject and subject.type,
        "subject_id": subject and subject.id,
        "subject_id__in": subject_ids,
        "actor_type": actor and actor.type,
        "actor_id": actor and actor.id,
        "correlation_id": correlation_id,
        "workspace": workspace,
        "type": type,
        "at__gte": since,
        "at__lt": until,
        "id__lt": before,
    }
    rows = LedgerEvent.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    page = rows.select_related("leaf").order_by("-id")[: min(limit, MAX_PAGE)]
    return [_entry(row) for row in page]


def get_event(event_id: UUID) -> LedgerEntry | None:
    row = LedgerEvent.objects.select_related("leaf").filter(id=event_id).first()
    return None if row is None else _entry(row)


def get_values(event_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The erasable values of events, by event and name; those erased are missing."""
    rows = ErasableValues.objects.filter(event_id__in=list(event_ids)).values_list("event_id", "content")
    return {
        event_id: {name: msgspec.json.decode(kept.value) for name, kept in read_values(bytes(content)).items()}
        for event_id, content in rows
    }


def _entry(row: LedgerEvent) -> LedgerEntry:
    body = msgspec.json.decode(bytes(row.body))
    return LedgerEntry(
        id=row.id,
        type=body["type"],
        at=row.at,
        workspace=body["workspace"],
        actor=Actor(**body["actor"]),
        subject=Subject(**body["subject"]),
        correlation_id=body["correlation_id"],
        data=body["data"],
        commitments=body["commitments"],
        leaf_index=row.leaf.leaf_index if hasattr(row, "leaf") else None,
    )


def list_data_after(
    *,
    type: str,  # noqa: A002  # the word of the ledger
    workspace: str,
    after: UUID | None,
    until: datetime,
    limit: int,
) -> list[tuple[UUID, datetime, dict[str, Any]]]:
    """(id, time, data) of events of one type, oldest first, for counting on: `after` is the last id counted.

    `until` leaves out the newest, whose neighbours may still be committing.
    """
    rows = LedgerEvent.objects.filter(type=type, workspace=workspace, at__lt=until)
    rows = rows.filter(id__gt=after) if after is not None else rows
    page = rows.order_by("id").values_list("id", "at", "body")[:limit]
    return [(id_, at, msgspec.json.decode(bytes(body)).get("data", {})) for id_, at, body in page]


def list_leaves(*, start: int, end: int, types: Collection[str]) -> list[LedgerEntry]:
    """Events of these types among the leaves start ≤ index < end, in the tree's order. One query."""
    rows = LedgerEvent.objects.filter(leaf__leaf_index__gte=start, leaf__leaf_index__lt=end, type__in=types)
    return [_entry(row) for row in rows.select_related("leaf").order_by("leaf__leaf_index")]


def list_entries(ids: Sequence[UUID], *, workspace: str) -> list[LedgerEntry]:
    """These events, in this order; what is not there is left out, and so is what is of another workspace, whoever found
    its id. One query."""
    rows = LedgerEvent.objects.filter(id__in=ids, workspace=workspace).select_related("leaf")
    found = {row.id: _entry(row) for row in rows}
    return [found[event_id] for event_id in ids if event_id in found]


def list_workspace_leaves(
    *, workspace: str, start: int, end: int, limit: int
) -> list[tuple[int, bytes, UUID, str, datetime, bytes]]:
    """(leaf index, leaf hash, id, type, at, body) of a workspace's events among start ≤ index < end. One query."""
    rows = LedgerLeaf.objects.filter(leaf_index__gte=start, leaf_index__lt=end, event__workspace=workspace)
    page = rows.order_by("leaf_index").values_list(
        "leaf_index", "leaf_hash", "event_id", "event__type", "event__at", "event__body"
    )
    return [(index, bytes(leaf), id_, type_, at, bytes(body)) for index, leaf, id_, type_, at, body in page[:limit]]
