"""Standing approvals: narrow, counted, revocable at once, never alone where two people must agree (APR-11)."""

from datetime import timedelta

import pytest

from approvals.models import AgentActionRequest, StandingApproval, Vote
from approvals.selectors.inbox import find_waiting
from approvals.selectors.neighbours import find_neighbour
from approvals.selectors.quorum import list_votes
from approvals.services.execution import execute_request
from approvals.services.pages.requirement import show_requirement
from approvals.services.standing import (
    StandingRefusedError,
    give_standing_approval,
    revoke_standing_approval,
)
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import ActionTier, Membership
from governance.services.credentials import rotate_credential
from tests.builders.api import make_site
from tests.builders.approvals import get, submit, submit_pending, vote
from tests.builders.governance import make_person, publish
from tests.builders.rules import make_rule, when

pytestmark = pytest.mark.django_db


def give(site, request, **changes):
    values = {"days": 30, "max_uses": 2, "is_any_value": False, "confidence_gap": 0.05, "now": get_now()}
    return give_standing_approval(request_id=request.pk, **{"person_id": site.world.approver.pk, **values, **changes})


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def given(site):
    request = submit_pending(site)
    vote(site, request)
    return StandingApproval.objects.get(pk=give(site, request))


def again(site, **changes):
    from tests.builders.approvals import NAME_CHANGE

    return submit(site, **{**NAME_CHANGE, **changes})


def test_the_next_one_like_it_is_approved_and_says_by_what(site, given):
    submission = again(site)
    request = get(submission.request_id)
    assert (submission.status, request.status) == ("approved", "approved")
    assert request.decided_by == f"standing:1:person:{site.world.approver.pk}"
    assert Vote.objects.get(request=request).standing == given
    given.refresh_from_db()
    assert given.uses == 1
    event = LedgerEvent.objects.filter(type="request.approved", subject_id=str(request.pk)).get()
    assert event.actor_id == "standing:1"
    assert LedgerEvent.objects.filter(type="standing.given").count() == 1
    assert execute_request(request_id=request.pk, worker="test") == "executed"


@pytest.mark.parametrize(
    "changes",
    [
        {"changes": {"name": "Another name"}},
        {"changes": {"name": "Umicore NV", "country": "Belgium"}},
        {"changes": {"annualrevenue": 5.0}},
        {"confidence": 0.85},
    ],
)
def test_anything_else_still_waits_for_a_person(site, given, changes):
    assert again(site, **changes).status == "pending"
    given.refresh_from_db()
    assert given.uses == 0


def test_any_value_covers_other_values_of_the_same_fields(site):
    request = submit_pending(site)
    vote(site, request)
    give(site, request, is_any_value=True)
    assert again(site, changes={"name": "Another name"}).status == "approved"
    assert again(site, changes={"name": "Third", "country": "Belgium"}).status == "pending"


def test_it_is_used_up(site, given):
    assert [again(site).status for _ in range(3)] == ["approved", "approved", "pending"]


def test_revoked_it_approves_nothing_more_and_what_it_approved_returns_to_people(site, given):
    request = get(again(site).request_id)
    revoke_standing_approval(standing_id=given.pk, person_id=site.world.approver.pk, now=get_now())
    execute_request(request_id=request.pk, worker="test")
    request.refresh_from_db()
    assert (request.status, request.status_code) == ("pending", "approval_void")
    assert again(site).status == "pending"
    assert LedgerEvent.objects.filter(type="standing.revoked").count() == 1


def revoke(given):
    revoke_standing_approval(standing_id=given.pk, person_id=given.person_id, now=get_now())


def run_out(given):
    StandingApproval.objects.filter(pk=given.pk).update(expires_at=get_now() - timedelta(seconds=1))


def returned(site, given, end):
    """What a standing approval had approved, back with people since it ended."""
    request = get(again(site).request_id)
    end(given)
    assert execute_request(request_id=request.pk, worker="test") == "pending"
    return get(request.pk)


@pytest.mark.parametrize("end", [revoke, run_out])
@pytest.mark.parametrize(("verdict", "status"), [("approve", "approved"), ("deny", "denied")])
def test_whose_standing_approval_ended_decides_themselves_what_comes_back(site, given, end, verdict, status):
    """APR-11, APR-04: a vote that counts no more bars nobody from their own, which is cast once."""
    request = returned(site, given, end)

    assert vote(site, request, verdict=verdict).status == status
    assert get(request.pk).decided_by == f"person:{site.world.approver.pk}"
    assert vote(site, request, verdict=verdict).is_repeat
    votes = Vote.objects.filter(request=request, person=site.world.approver)
    assert list(votes.order_by("id").values_list("verdict", "standing")) == [("approve", given.pk), (verdict, None)]


def test_what_comes_back_waits_for_whose_standing_approval_ended(site, given):
    """APR-03: it lies in their inbox, and its page asks them."""
    request = returned(site, given, revoke)
    newer = get(again(site).request_id)
    person, workspace = site.world.approver.pk, site.world.workspace.pk

    assert find_waiting(workspace_id=workspace, person_id=person) == [request.pk, newer.pk]
    assert find_neighbour(newer, person_id=person, is_forward=False) == request.pk
    assert show_requirement(request, person_id=person, votes=list_votes(request)).obstacle == ""


def test_ended_it_approves_nothing(site, given):
    StandingApproval.objects.filter(pk=given.pk).update(expires_at=get_now() - timedelta(seconds=1))
    assert again(site).status == "pending"


def test_who_left_the_group_approves_nothing_any_more(site, given):
    request = get(again(site).request_id)
    Membership.objects.filter(person=site.world.approver).delete()
    Membership.objects.create(group=site.world.group, person=make_person("Nora New"))
    assert again(site).status == "pending"
    execute_request(request_id=request.pk, worker="test")
    assert get(request.pk).status == "pending"


def test_who_was_handed_the_secret_since_approves_nothing_any_more(site, given):
    """APR-07: who issued or rotated the credential could have asked it themselves, so their leave covers nothing more
    that is asked with it, and what it approved waits for others."""
    Membership.objects.create(group=site.world.group, person=make_person("Nora New"))
    request = get(again(site).request_id)
    assert request.status == "approved"
    actor = Actor("human", str(site.world.approver.pk))
    rotate_credential(credential_id=site.world.credential.pk, actor=actor, now=get_now())
    assert again(site).status == "pending"
    execute_request(request_id=request.pk, worker="test")
    assert (get(request.pk).status, get(request.pk).status_code) == ("pending", "approval_void")
    given.refresh_from_db()
    assert given.uses == 1


def test_a_rule_that_asks_two_people_is_never_met_alone(site, given):
    Membership.objects.create(group=site.world.group, person=make_person("Nora New"))
    make_rule(site.world, when("confidence", "less", "1"), effect="approval", groups=("revops",), count=2)
    publish(site.world)
    submission = again(site)
    assert submission.status == "pending"
    assert not Vote.objects.filter(request_id=submission.request_id).exists()
    given.refresh_from_db()
    assert given.uses == 0


@pytest.mark.parametrize("effect", ["approval", "raise_tier"])
def test_what_a_new_rule_asks_about_was_not_approved_beforehand(site, given, effect):
    """APR-11, POL-04: the same group answers for it, but nobody has seen what the rule wants seen."""
    more = {"groups": ("revops",)} if effect == "approval" else {"tier": "approval"}
    make_rule(site.world, when("confidence", "less", "1"), effect=effect, **more)
    publish(site.world)

    submission = again(site)

    assert submission.status == "pending"
    assert not Vote.objects.filter(request_id=submission.request_id).exists()
    given.refresh_from_db()
    assert given.uses == 0


def test_a_risk_that_the_agent_flags_was_not_approved_beforehand(site):
    request = submit_pending(site)
    vote(site, request)
    give(site, request)

    assert again(site, risk_flags=["persona_ambiguous"]).status == "pending"
    assert again(site).status == "approved"


class TestGiving:
    def test_only_who_has_approved_it_may(self, site):
        request = submit_pending(site)
        with pytest.raises(StandingRefusedError, match="approve the request itself first"):
            give(site, request)
        vote(site, request)
        with pytest.raises(StandingRefusedError):
            give(site, request, person_id=site.world.owner.pk)

    @pytest.mark.parametrize("changes", [{"days": 91}, {"days": 0}, {"max_uses": 0}, {"max_uses": 1001}])
    def test_within_bounds(self, site, changes):
        request = submit_pending(site)
        vote(site, request)
        with pytest.raises(StandingRefusedError):
            give(site, request, **changes)

    def test_not_where_two_people_must_agree(self, site):
        second = make_person("Nora New")
        Membership.objects.create(group=site.world.group, person=second)
        ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
        publish(site.world)
        request = submit_pending(site)
        vote(site, request)
        with pytest.raises(StandingRefusedError, match="more than one"):
            give(site, request)
        assert not StandingApproval.objects.exists()


def test_a_worker_lost_in_between_leaves_the_request_to_people(site, given):
    assert AgentActionRequest.objects.filter(status="pending").count() == 0
    StandingApproval.objects.filter(pk=given.pk).update(uses=2)
    assert again(site).status == "pending"
