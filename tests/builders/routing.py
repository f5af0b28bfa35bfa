"""Stand-ins and second groups, for tests about who decides."""

from datetime import datetime, timedelta

from audit.selectors.clock import get_now
from governance.models import ActionTier, ApproverGroup, Person, StandIn, User
from governance.services.stand_ins import name_stand_in
from tests.builders.api import Site
from tests.builders.governance import allow, make_group, make_person, make_user, publish


def make_colleague(site: Site, name: str = "Tina Stand-In") -> tuple[Person, User]:
    """Somebody who may review but is in no group."""
    person = make_person(name)
    user = make_user(person)
    allow(user, site.world.workspace, "view_requests", "review_requests")
    return person, user


def stand_in(
    site: Site,
    person: Person,
    *,
    absent: Person | None = None,
    group: ApproverGroup | None = None,
    starts_at: datetime | None = None,
    days: int = 7,
) -> StandIn:
    """Somebody for the world's approver in `revops`, as the approver would name them."""
    away = absent or site.world.approver
    now = get_now()
    ids = name_stand_in(
        workspace_id=site.world.workspace.pk,
        person_id=away.pk,
        stand_in_id=person.pk,
        group_ids=[(group or site.world.group).pk],
        starts_at=starts_at or now,
        ends_at=(starts_at or now) + timedelta(days=days),
        reason="on leave",
        user_id=User.objects.get(person=away).pk,
        now=now,
    )
    return StandIn.objects.get(pk=ids[0])


def make_second_group(site: Site, slug: str, *people: Person, needed: int | None = None) -> ApproverGroup:
    """One more group that every update needs, and so as many people unless said otherwise. Published."""
    group = make_group(site.world.workspace, slug, *people)
    tier = ActionTier.objects.get(workspace=site.world.workspace, action="update")
    tier.approver_groups.add(group)
    if needed is not None:
        ActionTier.objects.filter(pk=tier.pk).update(approvals_needed=needed)
    publish(site.world)
    return group
