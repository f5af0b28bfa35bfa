"""A stand-in votes in an absent person's place: when, for whom, and never round the rules (APR-05, APR-07)."""

from datetime import timedelta

import pytest

from approvals.models import Vote
from approvals.services.review import NotAnApproverError, SelfApprovalError
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.selectors.events import list_events
from governance.models import ActionTier, Membership, Person, StandIn
from governance.selectors.access import NotAllowedError
from governance.services.delegations import grant_delegation
from governance.services.stand_ins import StandInError, end_late_stand_ins, name_stand_in, revoke_stand_in
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, make_approver, submit_pending, vote
from tests.builders.governance import allow, make_group, make_person, make_user, make_workspace, publish
from tests.builders.routing import make_colleague, stand_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


def refused(site, request, person, user):
    with pytest.raises(NotAnApproverError):
        vote(site, request, person=person, user=user)
    return get(request.pk).status == "pending" and not Vote.objects.filter(person=person).exists()


def test_the_stand_in_votes_in_that_place_and_the_vote_says_so(site):
    tina, user = make_colleague(site)
    stand_in(site, tina)
    request = submit_pending(site)

    assert vote(site, request, person=tina, user=user).status == "approved"
    seats = [{"group": "revops", "through": "", "stands_for": str(site.world.approver.pk)}]
    assert Vote.objects.get().seats == seats
    assert list_events(type="request.voted")[0].data["seats"] == seats
    assert execute(request.pk) == "executed"


def test_only_while_the_time_runs(site):
    tina, user = make_colleague(site)
    row = stand_in(site, tina, starts_at=get_now() + timedelta(hours=1))
    request = submit_pending(site)
    assert refused(site, request, tina, user)

    StandIn.objects.filter(pk=row.pk).update(starts_at=get_now() - timedelta(days=2), ends_at=get_now())
    assert refused(site, request, tina, user)


def test_an_approval_from_a_place_that_ended_before_it_ran_is_void(site):
    """APR-05: judged at the vote and again at the claim."""
    tina, user = make_colleague(site)
    row = stand_in(site, tina)
    request = submit_pending(site)
    vote(site, request, person=tina, user=user)
    revoke_stand_in(stand_in_id=row.pk, user_id=user.pk, now=get_now())

    assert execute(request.pk) != "executed"
    assert (get(request.pk).status, get(request.pk).status_code) == ("pending", "approval_void")


def test_a_stand_in_who_owns_the_agent_decides_nothing(site):
    owner_user = make_user(site.world.owner)
    allow(owner_user, site.world.workspace, "review_requests")
    stand_in(site, site.world.owner)
    request = submit_pending(site)

    with pytest.raises(SelfApprovalError):
        vote(site, request, person=site.world.owner, user=owner_user)
    assert get(request.pk).status == "pending"


def test_a_stand_in_for_whom_the_agent_acts_decides_nothing(site):
    """IDN-04: the delegator is a party to it."""
    tina, user = make_colleague(site)
    stand_in(site, tina)
    grant_delegation(
        agent_id=site.world.agent.pk,
        person_id=tina.pk,
        connection_id=None,
        actions=["update"],
        objects=["companies"],
        reason="hers",
        days=1,
        user_id=user.pk,
        now=get_now(),
    )
    request = submit_pending(site, on_behalf_of=tina.email)
    with pytest.raises(SelfApprovalError):
        vote(site, request, person=tina, user=user)


def test_the_owner_of_the_agent_cannot_send_somebody_else(site):
    """APR-07: who may not decide hands nobody the right to."""
    tina, user = make_colleague(site)
    owner_user = make_user(site.world.owner)
    allow(owner_user, site.world.workspace, "review_requests")
    Membership.objects.create(group=site.world.group, person=site.world.owner)
    stand_in(site, tina, absent=site.world.owner)

    assert refused(site, submit_pending(site), tina, user)


def test_stand_in_and_absent_person_are_one_voice(site):
    make_approver(site, "Uma Unused")
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    publish(site.world)
    tina, user = make_colleague(site)
    stand_in(site, tina)
    request = submit_pending(site)

    assert vote(site, request, person=tina, user=user).status == "pending"
    assert vote(site, request).status == "pending"


def test_two_places_are_one_person(site):
    """APR-07: whoever stands in for two members still counts once."""
    second, _ = make_approver(site, "Bo Second")
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    publish(site.world)
    tina, user = make_colleague(site)
    stand_in(site, tina)
    stand_in(site, tina, absent=second)
    request = submit_pending(site)

    result = vote(site, request, person=tina, user=user)
    assert (result.status, result.missing_count) == ("pending", 1)


@pytest.mark.parametrize("gone", ["left the group", "inactive", "stand-in inactive"])
def test_a_place_ends_with_whoever_held_it(site, gone):
    tina, user = make_colleague(site)
    make_approver(site, "Bo Second")
    stand_in(site, tina)
    request = submit_pending(site)
    if gone == "left the group":
        Membership.objects.filter(person=site.world.approver).delete()
    else:
        person = site.world.approver if gone == "inactive" else tina
        Person.objects.filter(pk=person.pk).update(is_active=False)

    assert refused(site, request, tina, user)


def test_a_place_is_in_one_group_alone(site):
    tina, user = make_colleague(site)
    other = make_group(site.world.workspace, "other", site.world.approver)
    stand_in(site, tina, group=other)
    assert refused(site, submit_pending(site), tina, user)


def test_a_stand_in_passes_the_place_on_to_nobody(site):
    tina, _ = make_colleague(site)
    uwe, uwe_user = make_colleague(site, "Uwe Next")
    stand_in(site, tina)
    with pytest.raises(StandInError, match="groups in which this person is"):
        stand_in(site, uwe, absent=tina)
    assert refused(site, submit_pending(site), uwe, uwe_user)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"days": 91}, "90 days"),
        ({"days": 0}, "last day"),
        ({"starts": -10, "days": 5}, "in the past"),
        ({"starts": 400}, "within a year"),
        ({"group": None}, "choose groups"),
        ({"stand_in": "self"}, "themselves"),
        ({"stand_in": "stranger"}, "may not review"),
        ({"stand_in": "inactive"}, "active"),
    ],
)
def test_what_is_no_sound_absence_names_nobody(site, changes, words):
    tina, _ = make_colleague(site)
    stranger = make_user(make_person("Stan Stranger"))
    allow(stranger, make_workspace("other"), "review_requests")
    Person.objects.filter(name="Ida Inactive").delete()
    who = {
        "self": site.world.approver,
        "stranger": stranger.person,
        "inactive": Person.objects.create(name="Ida", email="ida@example.com", is_active=False),
    }.get(changes.get("stand_in"), tina)
    starts = get_now() + timedelta(days=changes.get("starts", 0))
    with pytest.raises(StandInError, match=words):
        name_stand_in(
            workspace_id=site.world.workspace.pk,
            person_id=site.world.approver.pk,
            stand_in_id=who.pk,
            group_ids=[] if "group" in changes else [site.world.group.pk],
            starts_at=starts,
            ends_at=starts + timedelta(days=changes.get("days", 7)),
            reason="",
            user_id=site.world.approver_user.pk,
            now=get_now(),
        )
    assert (StandIn.objects.count(), LedgerEvent.objects.filter(type="stand_in.named").count()) == (0, 0)


def test_one_seat_has_one_stand_in_at_a_time(site):
    tina, _ = make_colleague(site)
    uwe, _ = make_colleague(site, "Uwe Next")
    stand_in(site, tina)
    with pytest.raises(StandInError, match="already"):
        stand_in(site, uwe)
    stand_in(site, uwe, starts_at=get_now() + timedelta(days=8))


def test_who_is_away_too_cannot_be_named(site):
    second, _ = make_approver(site, "Bo Second")
    tina, _ = make_colleague(site)
    stand_in(site, tina, absent=second)
    with pytest.raises(StandInError, match="away at that time too"):
        stand_in(site, second)


def test_whoever_manages_agents_names_for_others_but_never_themselves(site):
    """IDN-07: a reviewer names nobody for a colleague."""
    tina, user = make_colleague(site)
    bo, _ = make_approver(site, "Bo Second")
    place = {
        "workspace_id": site.world.workspace.pk,
        "person_id": site.world.approver.pk,
        "group_ids": [site.world.group.pk],
        "starts_at": get_now(),
        "ends_at": get_now() + timedelta(days=1),
        "reason": "ill",
        "user_id": user.pk,
        "now": get_now(),
    }
    for permission in ("review_requests", "edit_policy"):
        allow(user, site.world.workspace, permission)
        with pytest.raises(NotAllowedError):
            name_stand_in(**place, stand_in_id=bo.pk)
    allow(user, site.world.workspace, "manage_agents")
    with pytest.raises(StandInError, match="cannot be it"):
        name_stand_in(**place, stand_in_id=tina.pk)
    name_stand_in(**place, stand_in_id=bo.pk)
    assert StandIn.objects.get().named_by == tina


def test_either_side_ends_it_and_nobody_else(site):
    tina, user = make_colleague(site)
    _, other = make_colleague(site, "Olaf Other")
    row = stand_in(site, tina)
    allow(other, site.world.workspace, "edit_policy")
    with pytest.raises(NotAllowedError):
        revoke_stand_in(stand_in_id=row.pk, user_id=other.pk, now=get_now())
    revoke_stand_in(stand_in_id=row.pk, user_id=user.pk, now=get_now())
    row.refresh_from_db()
    assert row.revoked_by == tina
    with pytest.raises(StandInError, match="over"):
        revoke_stand_in(stand_in_id=row.pk, user_id=user.pk, now=get_now())


def test_the_end_is_recorded_once(site):
    tina, _ = make_colleague(site)
    row = stand_in(site, tina)
    assert end_late_stand_ins(now=get_now()) == 0
    now = get_now()
    StandIn.objects.filter(pk=row.pk).update(starts_at=now - timedelta(days=2), ends_at=now - timedelta(seconds=1))
    assert (end_late_stand_ins(now=now), end_late_stand_ins(now=now)) == (1, 0)
    assert LedgerEvent.objects.filter(type="stand_in.ended", subject_id=str(row.pk)).count() == 1
