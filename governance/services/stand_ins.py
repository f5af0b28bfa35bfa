"""Out of office: a person names who votes in their place, for a while; either side ends it (APR-05)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.selectors.database_clock import DatabaseNow
from audit.services.append import append_event
from governance.models import Membership, Person, StandIn, User
from governance.selectors.access import NotAllowedError, may

MAX_DAYS = 90
MAX_AHEAD = timedelta(days=365)


class StandInError(ValueError):
    """The stand-in cannot be named or ended like this. The words say why."""

    code = "stand_in_refused"


def name_stand_in(
    *,
    workspace_id: UUID,
    person_id: UUID,
    stand_in_id: UUID,
    group_ids: Collection[UUID],
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    user_id: int,
    now: datetime,
) -> list[UUID]:
    """Let one person vote in another's place in these groups; returns an id for each seat.

    People do it for themselves; who holds `manage_agents` does it for others, and never names themselves. The end is
    mandatory, at most 90 days after the start. Commits the rows and one `stand_in.named` each, or nothing.
    Raises StandInError, NotAllowedError, LedgerUnavailableError.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(pk=person_id, is_active=True).first()
        stand_in = Person.objects.filter(pk=stand_in_id, is_active=True).first()
        if person is None or stand_in is None:
            raise StandInError("choose a person who is active")
        namer = _namer(workspace_id, person, stand_in, user_id)
        _ensure_period(starts_at, ends_at, now)
        seats = _seats(workspace_id, person, group_ids)
        rows = [
            StandIn(
                group=seat.group,
                person=person,
                stand_in=stand_in,
                reason=reason.strip()[:200],
                named_by_id=namer,
                created_at=now,
                starts_at=starts_at,
                ends_at=ends_at,
            )
            for seat in seats
        ]
        _ensure_fit(workspace_id, rows)
        for row in rows:
            row.save(force_insert=True)
            append_event(_event("stand_in.named", row, Actor("human", str(namer))), now=now)
    return [row.pk for row in rows]


def revoke_stand_in(*, stand_in_id: UUID, user_id: int, now: datetime) -> None:
    """End it before its time: a vote of theirs that was not executed yet counts no more.

    Whom it stands for, who stands in, or who holds `manage_agents`. Commits the end and `stand_in.revoked`.
    Raises StandInError (none, or over), NotAllowedError, LedgerUnavailableError.
    """
    with transaction.atomic():
        rows = StandIn.objects.select_for_update(of=("self",)).select_related("group__workspace")
        row = rows.filter(pk=stand_in_id, revoked_at__isnull=True, ends_at__gt=DatabaseNow()).first()
        if row is None:
            raise StandInError("there is no such stand-in, or it is over")
        revoker = _person_of(user_id)
        is_theirs = revoker in {row.person_id, row.stand_in_id}
        if not is_theirs and not _may_for_others(user_id, row.group.workspace_id):
            raise NotAllowedError("people end their own; for others it takes `manage_agents`")
        row.revoked_at, row.revoked_by_id = now, revoker
        row.save(update_fields=["revoked_at", "revoked_by"])
        append_event(_event("stand_in.revoked", row, Actor("human", str(revoker))), now=now)


def end_late_stand_ins(*, now: datetime, limit: int = 200) -> int:
    """Record what ran out by the database's clock, once each; returns how many. Commits the marks and their events."""
    late = StandIn.objects.filter(revoked_at__isnull=True, ended_at__isnull=True, ends_at__lte=DatabaseNow())
    if not late.exists():
        return 0
    with transaction.atomic():
        locked = late.select_for_update(skip_locked=True, of=("self",)).select_related("group__workspace")
        rows = list(locked.order_by("ends_at")[:limit])
        for row in rows:
            row.ended_at = now
            row.save(update_fields=["ended_at"])
            append_event(_event("stand_in.ended", row, Actor("system", "clock")), now=now)
    return len(rows)


def _person_of(user_id: int) -> UUID:
    """The active person behind an active login, who answers for it."""
    user = User.objects.filter(pk=user_id, is_active=True, person__is_active=True).first()
    if user is None or user.person_id is None:
        raise NotAllowedError("it takes a login that belongs to an active person")
    return user.person_id


def _may_for_others(user_id: int, workspace_id: UUID) -> bool:
    return may(User.objects.get(pk=user_id), "manage_agents", workspace_id)


def _namer(workspace_id: UUID, person: Person, stand_in: Person, user_id: int) -> UUID:
    namer = _person_of(user_id)
    if namer != person.pk and not _may_for_others(user_id, workspace_id):
        raise NotAllowedError("people name their own stand-in; for others it takes `manage_agents`")
    if stand_in.pk == person.pk:
        raise StandInError("nobody stands in for themselves")
    if namer == stand_in.pk:
        raise StandInError("whoever names a stand-in for another person cannot be it")
    return namer


def _ensure_period(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at or ends_at <= now:
        raise StandInError("the last day must not lie before the first one, or in the past")
    if ends_at - starts_at > timedelta(days=MAX_DAYS):
        raise StandInError(f"a stand-in ends after {MAX_DAYS} days at the latest")
    if starts_at - now > MAX_AHEAD:
        raise StandInError("it starts within a year")


def _seats(workspace_id: UUID, person: Person, group_ids: Collection[UUID]) -> list[Membership]:
    seats = Membership.objects.filter(group__workspace=workspace_id, person=person, group__in=group_ids)
    found = list(seats.select_related("group__workspace").order_by("group__slug"))
    if not found or len(found) != len(set(group_ids)):
        raise StandInError("choose groups in which this person is")
    return found


def _ensure_fit(workspace_id: UUID, rows: list[StandIn]) -> None:
    """One seat has one stand-in at a time, who may review here and is not away themselves."""
    wanted = rows[0]
    logins = User.objects.filter(person=wanted.stand_in, is_active=True)
    if not any(may(user, "review_requests", workspace_id) for user in logins):
        raise StandInError(f"{wanted.stand_in.name} may not review requests in this workspace")
    open_rows = StandIn.objects.filter(
        group__workspace=workspace_id,
        revoked_at__isnull=True,
        starts_at__lt=wanted.ends_at,
        ends_at__gt=wanted.starts_at,
    )
    if taken := open_rows.filter(person=wanted.person, group__in=[row.group_id for row in rows]).first():
        raise StandInError(f"somebody stands in from {taken.starts_at:%d %b %Y} to {taken.ends_at:%d %b %Y} already")
    if open_rows.filter(person=wanted.stand_in).exists():
        raise StandInError(f"{wanted.stand_in.name} is away at that time too")


def _event(type_: str, row: StandIn, actor: Actor) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=row.group.workspace.slug,
        actor=actor,
        subject=Subject("stand_in", str(row.pk)),
        correlation_id=str(row.pk),
        data={
            "group": row.group.slug,
            "person": str(row.person_id),
            "stand_in": str(row.stand_in_id),
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
        },
        values={"reason": row.reason} if row.reason else {},
    )
