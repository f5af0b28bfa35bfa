"""Who may speak in which approver group at this moment, by the database's clock and today's rights (APR-05, IDN-07)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from audit.selectors.database_clock import DatabaseNow
from audit.selectors.kept_query import KeptQuery
from governance.domain.seats import Seat
from governance.models import Membership, StandIn, User
from governance.selectors.holders import logins_that_may


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """`idle` are ids of people in a seat whom their rights let decide nothing; `names` of all of them, by id."""

    seats: list[Seat]
    idle: frozenset[str]
    names: dict[str, str]


SEAT_COLUMNS = ("kind", "of", "who", "name", "whose", "more")
LIVE = Q(revoked_at__isnull=True, starts_at__lte=DatabaseNow(), ends_at__gt=DatabaseNow())


def list_seats(*, workspace_id: UUID) -> list[Seat]:
    """The seats of all groups: active members, and active stand-ins of active members. One query."""
    own, lent = seat_rows(Q(group__workspace_id=workspace_id))
    return read_seats(own.union(lent, all=True)).seats


def list_able_seats(
    *, workspace_id: UUID, groups: Collection[str], permission: str, agents: Collection[UUID | None]
) -> dict[UUID | None, list[Seat]]:
    """Those of some groups, and of people with a login that may (`logins_that_may`), for each of a few agents.

    One query however many, kept in words."""
    asked = tuple(dict.fromkeys(agents))
    found: dict[str, list[tuple[str, ...]]] = {_mark(place): [] for place in range(len(asked))}
    for row in _able_seats(permission).fetch(workspace_id, tuple(sorted({*groups})), asked):
        found[row[0]].append(row)
    return {agent_id: read_seats(found[_mark(place)]).seats for place, agent_id in enumerate(asked)}


@cache
def _able_seats(permission: str) -> KeptQuery:
    def build(workspace_id: UUID, groups: Collection[str], agents: Collection[UUID | None]) -> QuerySet[Any]:
        where = Q(group__workspace_id=workspace_id, group__slug__in=groups)
        parts: list[Any] = []
        for place, agent_id in enumerate(agents):
            able = logins_that_may(permission, workspace_id=workspace_id, agent_id=agent_id)
            parts += seat_rows(where, able, kind=_mark(place))
        first, *others = parts
        rows: QuerySet[Any] = first.union(*others, all=True)
        return rows

    return KeptQuery(build)


def _mark(place: int) -> str:
    """How rows say for which of several agents they are."""
    return f"seat {place}"


def seat_rows(where: Q, able: QuerySet[User] | None = None, *, kind: str = "seat") -> tuple[Any, Any]:
    """Seats of the groups that `where` names from a membership's sight: of active members, and of their stand-ins.

    Rows of six texts, to be put together with others by UNION: `kind`, group, person, name, for whom, and something if
    the person has one of the logins `able`.
    """
    told = Value(kind, output_field=CharField())
    own = Membership.objects.filter(where, person__is_active=True).annotate(
        kind=told,
        more=_is_able(able, "person"),
        of=F("group__slug"),
        who=Cast("person_id", CharField()),
        name=F("person__name"),
        whose=Value("", output_field=CharField()),
    )
    lent = (
        list_live_stand_ins()
        .filter(where)
        .annotate(
            kind=told,
            more=_is_able(able, "stand_in"),
            of=F("group__slug"),
            who=Cast("stand_in_id", CharField()),
            name=F("stand_in__name"),
            whose=Cast("person_id", CharField()),
        )
    )
    return own.values_list(*SEAT_COLUMNS), lent.values_list(*SEAT_COLUMNS)


def _is_able(able: QuerySet[User] | None, person: str) -> Any:
    if able is None:
        return Value("able", output_field=CharField())
    login = Exists(able.filter(person=OuterRef(person)))
    return Case(When(login, then=Value("able")), default=Value(""), output_field=CharField())


def read_seats(rows: Iterable[tuple[str, ...]]) -> Seats:
    """Seats from their rows."""
    found = [(Seat(of, _id(who), _id(whose)), name, more) for _, of, who, name, whose, more in rows]
    return Seats(
        seats=[seat for seat, _, more in found if more],
        idle=frozenset(seat.person for seat, _, more in found if not more),
        names={seat.person: name for seat, name, _ in found},
    )


def list_live_stand_ins() -> QuerySet[StandIn]:
    """In force now: not revoked, both people active, the absent one still a member of the group."""
    seat = Membership.objects.filter(group_id=OuterRef("group_id"), person_id=OuterRef("person_id"))
    return StandIn.objects.filter(LIVE, Exists(seat), person__is_active=True, stand_in__is_active=True)


def list_group_slugs(*, workspace_id: UUID, person_id: UUID) -> frozenset[str]:
    """The groups in which this person may speak now, for themselves or for somebody away. One query."""
    return frozenset(slug for (slug,) in _GROUPS.fetch(workspace_id, person_id))


def _list_groups(workspace_id: UUID, person_id: UUID) -> QuerySet[Any]:
    own = Membership.objects.filter(group__workspace_id=workspace_id, person_id=person_id, person__is_active=True)
    lent = list_live_stand_ins().filter(group__workspace_id=workspace_id, stand_in_id=person_id)
    rows: QuerySet[Any] = own.values_list("group__slug").union(lent.values_list("group__slug"))
    return rows


_GROUPS = KeptQuery(_list_groups)


def _id(text: str) -> str:
    """An id as text: SQLite keeps it without dashes."""
    return str(UUID(text)) if text else ""
