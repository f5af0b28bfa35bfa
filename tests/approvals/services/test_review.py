"""Review: whose vote counts, on what, and until when (APR-04, APR-05, APR-07)."""

from datetime import timedelta

import pytest

from approvals.models import AgentActionRequest, Vote
from approvals.services.review import (
    AlreadyDecidedError,
    AlreadyVotedError,
    ApprovalExpiredError,
    DiffChangedError,
    InvalidVerdictError,
    NotAnApproverError,
    RequestNotFoundError,
    SelfApprovalError,
    cast_vote,
)
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import ActionTier, Membership, Person
from tests.builders.api import make_site
from tests.builders.approvals import get, make_approver, submit_pending, vote
from tests.builders.governance import allow, make_group, make_person, make_user, publish, stray_id

pytestmark = pytest.mark.django_db


def two_person_site():
    site = make_site()
    make_approver(site, "Uma Unused")
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    publish(site.world)
    return site


def test_one_approval_is_enough_where_one_is_asked_for():
    site = make_site()
    request = submit_pending(site)

    result = vote(site, request, reason="checked the register")

    assert (result.status, get(request.pk).decided_by) == ("approved", f"person:{site.world.approver.pk}")
    told = LedgerEvent.objects.filter(subject_id=str(request.pk), actor_type="human").order_by("id")
    assert list(told.values_list("type", flat=True)) == ["request.voted", "request.approved"]


def test_a_denial_settles_it():
    site = make_site()
    request = submit_pending(site)

    vote(site, request, verdict="deny", reason="wrong company")

    assert (get(request.pk).status, get(request.pk).status_code) == ("denied", "denied_by_person")


def test_two_people_means_two_people():
    site = two_person_site()
    request = submit_pending(site)
    second, second_user = make_approver(site, "Bo Second")

    first = vote(site, request)
    assert (first.status, first.missing_count) == ("pending", 1)
    assert vote(site, request, person=second, user=second_user).status == "approved"


def test_one_person_with_two_logins_counts_once():
    """APR-07: people are counted, not accounts."""
    site = two_person_site()
    request = submit_pending(site)
    other_login = make_user(site.world.approver, username="rosa-too@example.com")
    allow(other_login, site.world.workspace, "review_requests")
    vote(site, request)

    again = vote(site, request, user=other_login)

    assert (again.status, again.is_repeat, Vote.objects.count()) == ("pending", True, 1)


def test_the_same_vote_twice_is_one_vote():
    site = make_site()
    request = submit_pending(site)
    vote(site, request)
    events = LedgerEvent.objects.count()

    again = vote(site, request)

    assert (again.status, again.is_repeat) == ("approved", True)
    assert (Vote.objects.count(), LedgerEvent.objects.count()) == (1, events)


def test_a_vote_cannot_be_turned_round():
    site = two_person_site()
    request = submit_pending(site)
    vote(site, request)

    with pytest.raises(AlreadyVotedError):
        vote(site, request, verdict="deny")


def test_a_vote_on_another_patch_is_refused():
    """APR-04: what was seen is not what would be done."""
    site = make_site()
    request, other = submit_pending(site), submit_pending(site)

    for digest in (other.digest, "sha256:" + "0" * 64, "x"):
        with pytest.raises(DiffChangedError):
            vote(site, request, digest=digest)
    assert Vote.objects.count() == 0


def test_a_late_vote_is_refused_by_the_databases_clock():
    """APR-09: the caller's clock has no say."""
    site = make_site()
    request = submit_pending(site)
    AgentActionRequest.objects.filter(pk=request.pk).update(expires_at=get_now() - timedelta(milliseconds=1))

    with pytest.raises(ApprovalExpiredError):
        cast_vote(
            request_id=request.pk,
            person_id=site.world.approver.pk,
            user_id=site.world.approver_user.pk,
            digest=request.digest,
            verdict="approve",
            reason="",
            now=get_now() - timedelta(days=1),
        )
    assert get(request.pk).status == "pending"
    assert Vote.objects.count() == 0


def test_what_is_decided_stays_decided_and_says_by_whom():
    site = make_site()
    request = submit_pending(site)
    second, second_user = make_approver(site, "Bo Second")
    vote(site, request, verdict="deny")

    with pytest.raises(AlreadyDecidedError) as refusal:
        vote(site, request, person=second, user=second_user)

    assert refusal.value.decided_by == f"person:{site.world.approver.pk}"
    assert get(request.pk).status == "denied"


def test_the_agents_owner_cannot_approve_what_their_agent_asked_for():
    site = make_site()
    request = submit_pending(site)
    owner_user = make_user(site.world.owner)
    allow(owner_user, site.world.workspace, "review_requests")
    Membership.objects.create(group=site.world.group, person=site.world.owner)

    with pytest.raises(SelfApprovalError):
        vote(site, request, person=site.world.owner, user=owner_user)


def test_someone_of_another_group_cannot_decide():
    site = make_site()
    request = submit_pending(site)
    outsider = make_person("Otto Outsider")
    user = make_user(outsider)
    allow(user, site.world.workspace, "review_requests")
    make_group(site.world.workspace, "sales-ops", outsider)

    for verdict in ("approve", "deny"):
        with pytest.raises(NotAnApproverError):
            vote(site, request, person=outsider, user=user, verdict=verdict)


def test_membership_without_the_permission_is_not_enough():
    site = make_site()
    request = submit_pending(site)
    person = make_person("Petra Plain")
    Membership.objects.create(group=site.world.group, person=person)

    with pytest.raises(NotAnApproverError):
        vote(site, request, person=person, user=make_user(person))


def test_a_login_cannot_vote_for_someone_else():
    site = make_site()
    request = submit_pending(site)
    second, _ = make_approver(site, "Bo Second")

    with pytest.raises(NotAnApproverError):
        vote(site, request, person=second)


def test_a_person_who_left_cannot_vote():
    site = make_site()
    request = submit_pending(site)
    Person.objects.filter(pk=site.world.approver.pk).update(is_active=False)

    with pytest.raises(NotAnApproverError):
        vote(site, request)


def test_the_approver_of_one_workspace_is_a_stranger_in_another():
    site, other = make_site(), make_site("globex", agent_name="agent.other")
    request = submit_pending(other)

    with pytest.raises(NotAnApproverError):
        vote(site, request)


def test_nonsense_is_refused():
    site = make_site()
    request = submit_pending(site)

    with pytest.raises(InvalidVerdictError):
        vote(site, request, verdict="maybe")
    request.pk = stray_id()
    with pytest.raises(RequestNotFoundError):
        vote(site, request)


@pytest.mark.parametrize("digest", ["sha256:", "sha256:\x00", "\x00"])
def test_what_is_no_digest_was_never_seen(digest: str):
    """APR-04: refused like any other digest, also where the database could not even compare it."""
    site = make_site()
    request = submit_pending(site)

    with pytest.raises(DiffChangedError):
        vote(site, request, digest=digest)

    assert not Vote.objects.exists()
