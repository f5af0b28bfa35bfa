"""What a reviewer is told beside a request: their own hold, who else has it open, who handed it on and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, QuerySet, Value

from approvals.models import EscalationNote, Reservation, Snooze
from audit.selectors.kept_query import KeptQuery

LASTS = timedelta(minutes=5)
"""How long a look holds without being renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """`kind`: `look` (since `at`, last seen at `renewed_at`), `hold` (until `at`, this person's own) or `note` (written
    at `at`)."""

    kind: str
    person_id: UUID
    person: str
    at: datetime
    renewed_at: datetime
    note: str = ""


def list_desk_news(*, request_id: UUID, person_id: UUID | None, now: datetime) -> list[DeskRow]:
    """All three kinds, each oldest first. One query."""
    rows = [
        DeskRow(kind=kind, person_id=person, person=name, at=at, renewed_at=renewed, note=note)
        for kind, person, name, at, renewed, note in _NEWS.fetch(request_id, person_id, now, now - LASTS)
    ]
    return sorted(rows, key=lambda row: row.at)


def _list_news(request_id: UUID, person_id: UUID | None, now: datetime, since: datetime) -> QuerySet[Any]:
    looks = Reservation.objects.filter(request=request_id, seen_at__gt=since)
    holds = Snooze.objects.filter(request=request_id, person=person_id, until__gt=now)
    notes = EscalationNote.objects.filter(request=request_id)
    rows: QuerySet[Any] = _rows(looks, "look", "started_at", renewed="seen_at").union(
        _rows(holds, "hold", "until"), _rows(notes, "note", "created_at", note="note"), all=True
    )
    return rows


_NEWS = KeptQuery(_list_news)


def _rows(
    rows: QuerySet[Reservation] | QuerySet[Snooze] | QuerySet[EscalationNote],
    kind: str,
    at: str,
    *,
    renewed: str = "",
    note: str = "",
) -> Any:
    text = F(note) if note else Value("", output_field=CharField())
    told = rows.order_by().annotate(
        kind=Value(kind, output_field=CharField()), moment=F(at), renewed=F(renewed or at), words=text
    )
    return told.values_list("kind", "person_id", "person__name", "moment", "renewed", "words")
