"""Who may speak in which approver group at this moment, by the database's clock (APR-05)."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from audit.selectors.database_clock import DatabaseNow
from governance.domain.seats import Seat
from governance.models import Membership, StandIn

SEAT_COLUMNS = ("kind", "of", "who", "name", "whose", "more")
LIVE = Q(revoked_at__isnull=True, starts_at__lte=DatabaseNow(), ends_at__gt=DatabaseNow())


def list_seats(*, workspace_id: UUID, groups: Collection[str] | None = None) -> list[Seat]:
    """The seats of these groups (None: of all): active members, and active stand-ins of active members. One query."""
    return list_named_seats(workspace_id=workspace_id, groups=groups)[0]


def list_named_seats(*, workspace_id: UUID, groups: Collection[str] | None = None) -> tuple[list[Seat], dict[str, str]]:
    """The same, and the names of everybody in them by id. One query."""
    where = Q(group__workspace_id=workspace_id)
    own, lent = seat_rows(where if groups is None else where & Q(group__slug__in=groups))
    return read_seats(own.union(lent, all=True))


def seat_rows(where: Q) -> tuple[Any, Any]:
    """Seats of the groups that `where` names from a membership's sight: of active members, and of their stand-ins.

    Rows of six texts, to be put together with others by UNION: `seat`, group, person, name, for whom, nothing.
    """
    texts = {"kind": Value("seat", output_field=CharField()), "more": Value("", output_field=CharField())}
    own = Membership.objects.filter(where, person__is_active=True).annotate(
        **texts,
        of=F("group__slug"),
        who=Cast("person_id", CharField()),
        name=F("person__name"),
        whose=Value("", output_field=CharField()),
    )
    lent = (
        list_live_stand_ins()
        .filter(where)
        .annotate(
            **texts,
            of=F("group__slug"),
            who=Cast("stand_in_id", CharField()),
            name=F("stand_in__name"),
            whose=Cast("person_id", CharField()),
        )
    )
    return own.values_list(*SEAT_COLUMNS), lent.values_list(*SEAT_COLUMNS)


def read_seats(rows: Iterable[tuple[str, ...]]) -> tuple[list[Seat], dict[str, str]]:
    """Seats from their rows, and the names of everybody in them by id."""
    found = list(rows)
    seats = [Seat(of, _id(who), _id(whose)) for _, of, who, _, whose, _ in found]
    return seats, {_id(who): name for _, _, who, name, _, _ in found}


def list_live_stand_ins() -> QuerySet[StandIn]:
    """In force now: not revoked, both people active, the absent one still a member of the group."""
    seat = Membership.objects.filter(group_id=OuterRef("group_id"), person_id=OuterRef("person_id"))
    return StandIn.objects.filter(LIVE, Exists(seat), person__is_active=True, stand_in__is_active=True)


def list_group_slugs(*, workspace_id: UUID, person_id: UUID) -> frozenset[str]:
    """The groups in which this person may speak now, for themselves or for somebody away. One query."""
    own = Membership.objects.filter(
        group__workspace_id=workspace_id, person_id=person_id, person__is_active=True
    ).values_list("group__slug")
    lent = list_live_stand_ins().filter(group__workspace_id=workspace_id, stand_in_id=person_id)
    return frozenset(slug for (slug,) in own.union(lent.values_list("group__slug")))


def _id(text: str) -> str:
    """An id as text: SQLite keeps it without dashes."""
    return str(UUID(text)) if text else ""
