"""Stand-ins for pages: one's own from both sides, and what a person may choose from (APR-05)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from governance.models import ApproverGroup, Person, StandIn, User
from governance.selectors.access import may
from governance.selectors.workspace_people import list_people

MOST_OWN = MOST_OTHERS = 100


@dataclass(frozen=True, slots=True)
class OwnStandIns:
    """`lent`: who votes in this person's place. `taken`: in whose place this person votes. Coming and live ones."""

    lent: tuple[StandIn, ...]
    taken: tuple[StandIn, ...]


def list_own_stand_ins(*, workspace_id: UUID, person_id: UUID | None, now: datetime) -> OwnStandIns:
    """What concerns this person and is not over, the next hundred to end, those first. One query."""
    rows = StandIn.objects.filter(
        Q(person=person_id) | Q(stand_in=person_id),
        group__workspace=workspace_id,
        revoked_at__isnull=True,
        ends_at__gt=now,
    ).select_related("group", "person", "stand_in", "named_by")
    found = tuple(rows.order_by("ends_at", "id")[:MOST_OWN])
    return OwnStandIns(
        lent=tuple(row for row in found if row.person_id == person_id),
        taken=tuple(row for row in found if row.stand_in_id == person_id),
    )


def list_others_stand_ins(*, workspace_id: UUID, person_id: UUID | None, now: datetime) -> list[StandIn]:
    """Those that are not over and concern this person on neither side, the next end first. One query."""
    rows = StandIn.objects.filter(group__workspace=workspace_id, revoked_at__isnull=True, ends_at__gt=now)
    rows = rows.exclude(Q(person=person_id) | Q(stand_in=person_id)).select_related("group", "person", "stand_in")
    return list(rows.order_by("ends_at", "id")[:MOST_OTHERS])


def list_seated_people(*, workspace_id: UUID, person_id: UUID | None) -> list[Person]:
    """Other active people in any approver group of the workspace, by name: who can be away. One query."""
    rows = Person.objects.filter(approver_groups__workspace=workspace_id, is_active=True).distinct().order_by("name")
    return [person for person in rows if person.pk != person_id]


def find_stand_in(*, workspace_id: UUID, stand_in_id: UUID) -> StandIn | None:
    """Any of the workspace: for who may end other people's."""
    return StandIn.objects.filter(group__workspace=workspace_id, pk=stand_in_id).first()


def find_own_stand_in(*, workspace_id: UUID, person_id: UUID, stand_in_id: UUID) -> StandIn | None:
    """One that this person is part of."""
    rows = StandIn.objects.filter(Q(person=person_id) | Q(stand_in=person_id), group__workspace=workspace_id)
    return rows.filter(pk=stand_in_id).first()


def list_own_groups(*, workspace_id: UUID, person_id: UUID | None) -> list[ApproverGroup]:
    """The approver groups in which this person is. One query."""
    rows = ApproverGroup.objects.filter(workspace=workspace_id, memberships__person=person_id)
    return list(rows.order_by("name"))


def list_possible_stand_ins(*, workspace_id: UUID, person_id: UUID | None) -> list[Person]:
    """Other people of the workspace who may review requests there, by name."""
    people = [person for person in list_people([workspace_id]) if person.pk != person_id]
    logins = User.objects.filter(person__in=people, is_active=True)
    able = {user.person_id for user in logins if may(user, "review_requests", workspace_id)}
    return [person for person in people if person.pk in able]
