"""Reservations: who has a request open, so that two people do not do one piece of work unknowingly (APR-03).

A row, never a lock: it decides nothing, and the first decision that commits wins as ever.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from approvals.models import Reservation
from approvals.selectors.desk_news import LASTS, DeskRow, list_desk_news

RENEWED_AFTER = timedelta(seconds=30)
"""A look is not written again as long as it is younger."""


def look_at(*, request_id: UUID, person_id: UUID, now: datetime) -> tuple[DeskRow, ...]:
    """Mark that this person looks at the request, and tell who else does, the first first. Two queries at most.

    Called again it renews the mark; it says since when they have it open, unless it had lapsed. Commits one row.
    """
    return mark_look(list_desk_news(request_id=request_id, person_id=person_id, now=now), request_id, person_id, now)


def mark_look(news: Sequence[DeskRow], request_id: UUID, person_id: UUID, now: datetime) -> tuple[DeskRow, ...]:
    """The same, where it is known who looks. One query, none when this person's own mark is fresh."""
    looks = [row for row in news if row.kind == "look"]
    own = next((row for row in looks if row.person_id == person_id), None)
    if own is None:
        Reservation.objects.bulk_create(
            [Reservation(request_id=request_id, person_id=person_id, started_at=now, seen_at=now)],
            update_conflicts=True,
            unique_fields=["request", "person"],
            update_fields=["started_at", "seen_at"],
        )
    elif own.renewed_at < now - RENEWED_AFTER:
        Reservation.objects.filter(request=request_id, person=person_id).update(seen_at=now)
    return tuple(row for row in looks if row.person_id != person_id)


def leave(*, request_id: UUID, person_id: UUID) -> None:
    """This person is done with it."""
    Reservation.objects.filter(request=request_id, person_id=person_id).delete()


def pick_free(request_ids: Sequence[UUID], *, person_id: UUID, now: datetime) -> UUID | None:
    """The first that nobody else has open; where all are, the first. One query, None without any."""
    if not request_ids:
        return None
    taken = looked_at(request_ids, person_id=person_id, now=now)
    return next((found for found in request_ids if found not in taken), request_ids[0])


def looked_at(request_ids: Collection[UUID], *, person_id: UUID, now: datetime) -> set[UUID]:
    """Which of these somebody else has open. One query."""
    rows = Reservation.objects.filter(request__in=request_ids, seen_at__gt=now - LASTS).exclude(person_id=person_id)
    return set(rows.values_list("request_id", flat=True))


def forget_reservations(*, before: datetime) -> int:
    """Remove what nobody renewed since."""
    return Reservation.objects.filter(seen_at__lt=before).delete()[0]
