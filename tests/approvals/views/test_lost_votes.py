"""A vote that does not count says so, and why, on the page that asks for votes and on the trace (APR-05, AUD-03)."""

import pytest
from django.urls import reverse
from guardian.models import UserObjectPermission

from approvals.models import AgentActionRequest, StandingApproval, Vote
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.models import ActionTier, Membership
from governance.services.credentials import issue_credential, rotate_credential
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, make_approver, submit_pending, vote
from tests.builders.console import log_in, text_of
from tests.builders.governance import publish

pytestmark = pytest.mark.django_db
PAGES = ("review", "trace")


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def second(site):
    return make_approver(site, "Bo Second")


def submit_for_two(site):
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    publish(site.world)
    return submit_pending(site)


@pytest.fixture
def request_of_two(site, second):
    """Takes two people; Bo Second has approved."""
    row = submit_for_two(site)
    assert vote(site, row, person=second[0], user=second[1]).status == "pending"
    return row


def read(site, name, row):
    return text_of(log_in(site.world.approver_user).get(reverse(f"approvals:{name}", args=[row.pk])))


def leave(_, person):
    Membership.objects.filter(person=person).delete()


def lose_the_right(_, person):
    UserObjectPermission.objects.filter(user__person=person, permission__codename="review_requests").delete()


def lose_the_login(_, person):
    person.users.update(is_active=False)


def own_the_agent(site, person):
    site.world.agent.owner = person
    site.world.agent.save()


def rotate(site, person):
    actor = Actor("human", str(person.pk))
    rotate_credential(credential_id=site.world.credential.pk, actor=actor, now=get_now())


WHY = [
    (leave, "is in no group that decides this any more"),
    (lose_the_right, "may no longer review this"),
    (lose_the_login, "may no longer review this"),
    (own_the_agent, "owns the agent"),
    (rotate, "issued or rotated the credential that asked"),
]


@pytest.mark.parametrize(("change", "words"), WHY)
def test_a_vote_that_has_lost_its_weight_says_why(site, second, request_of_two, change, words):
    assert all("does not count" not in read(site, name, request_of_two) for name in PAGES)
    change(site, second[0])
    assert all(f"{words}, does not count" in read(site, name, request_of_two) for name in PAGES)
    assert vote(site, get(request_of_two.pk)).status == "pending"


@pytest.mark.parametrize(("change", "words"), WHY)
def test_at_the_claim_it_counts_no_longer_either(site, second, request_of_two, change, words):
    """Until the claim every vote is judged again; the trace of what was approved says so before."""
    assert vote(site, request_of_two).status == "approved"
    change(site, second[0])
    assert f"{words}, does not count" in read(site, "trace", request_of_two)
    execute(request_of_two.pk)
    assert get(request_of_two.pk).status == "pending"


@pytest.mark.parametrize("name", PAGES)
def test_a_vote_on_an_earlier_version_says_so(site, request_of_two, name):
    Vote.objects.update(digest="sha256:earlier")
    assert "on an earlier version, does not count" in read(site, name, request_of_two)


@pytest.mark.parametrize("name", PAGES)
def test_a_vote_of_a_standing_approval_that_ended_says_so(site, request_of_two, name):
    """APR-11."""
    now, cast = get_now(), Vote.objects.get()
    standing = StandingApproval.objects.create(
        workspace=site.world.workspace,
        number=1,
        person=cast.person,
        agent=site.world.agent,
        connection=site.world.connection,
        action="update",
        object_type="companies",
        fields=["name"],
        allowed_values={},
        min_confidence=0.0,
        max_uses=1,
        given_for=request_of_two,
        created_at=now,
        expires_at=now,
    )
    Vote.objects.filter(pk=cast.pk).update(standing=standing)
    assert "its standing approval has ended, does not count" in read(site, name, request_of_two)


def test_what_is_settled_tells_by_what_decided_it(site, second):
    """A vote that did not count then says so for ever; one that did says nothing, whatever became of its giver."""
    third = make_approver(site, "Cy Third")
    row = submit_for_two(site)
    vote(site, row, person=second[0], user=second[1])
    leave(site, second[0])
    vote(site, row, person=third[0], user=third[1])
    assert vote(site, row).status == "approved"
    assert execute(row.pk) == "executed"
    leave(site, third[0])
    assert read(site, "trace", AgentActionRequest.objects.get(pk=row.pk)).count("did not count") == 1


def test_the_page_names_nobody_who_may_not_review(site, second):
    """IDN-07: who is in the group without the right has no seat in it."""
    row = submit_pending(site)
    lose_the_right(site, second[0])
    page = log_in(site.world.approver_user).get(reverse("approvals:review", args=[row.pk])).context["page"]
    assert [group.members for group in page.requirement.groups] == [("Rosa Revops",)]


def test_who_issued_the_credential_reads_why_they_cannot_decide_and_finds_nothing_to(site):
    """APR-07: the reason on the page, nothing in the inbox, nothing behind or before."""
    rotate(site, site.world.approver)
    row, client = submit_pending(site), log_in(site.world.approver_user)
    page = client.get(reverse("approvals:review", args=[row.pk]))
    assert "You issued or rotated the credential that asked for this, so somebody else must decide." in text_of(page)
    assert str(row.pk) not in text_of(client.get(reverse("approvals:inbox")))
    later = submit_pending(site, changes={"annualrevenue": 5}, expected=None)
    for step in ("next", "previous"):
        answer = client.get(reverse(f"approvals:{step}", args=[later.pk]))
        assert str(row.pk) not in answer.get("Location", "")


def test_who_rotated_another_credential_of_the_agent_decides(site):
    """APR-07: separation is about the credential that asked, not about all of the agent."""
    issue_credential(agent_id=site.world.agent.pk, actor=Actor("human", str(site.world.approver.pk)), now=get_now())
    assert vote(site, submit_pending(site)).status == "approved"
