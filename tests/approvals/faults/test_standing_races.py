"""Standing approvals under contention: never one use too many, and none after the end (APR-11, LIM-03)."""

from datetime import timedelta

import pytest

from approvals.models import AgentActionRequest, StandingApproval, Vote
from approvals.services.standing import apply_standing_approval, give_standing_approval, revoke_standing_approval
from audit.selectors.clock import get_now
from tests.approvals.faults.test_races import together
from tests.builders.api import make_site
from tests.builders.approvals import NAME_CHANGE, submit, submit_pending, vote

pytestmark = pytest.mark.django_db(transaction=True)


def given_site(max_uses):
    site = make_site()
    request = submit_pending(site)
    vote(site, request)
    standing_id = give_standing_approval(
        request_id=request.pk,
        person_id=site.world.approver.pk,
        days=30,
        max_uses=max_uses,
        is_any_value=False,
        confidence_gap=0.05,
        now=get_now(),
    )
    return site, standing_id


def by_standing():
    return AgentActionRequest.objects.filter(decided_by__startswith="standing:").count()


def test_fifty_at_once_use_it_no_more_often_than_it_was_given():
    """The hit limit is exact: as many approvals as uses, as many votes, and the others wait for people."""
    site, standing_id = given_site(17)

    answers = together(*[lambda: submit(site, **NAME_CHANGE)] * 50)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert sorted(answer.status for answer in answers) == ["approved"] * 17 + ["pending"] * 33
    assert StandingApproval.objects.get(pk=standing_id).uses == 17
    assert (by_standing(), Vote.objects.filter(standing=standing_id).count()) == (17, 17)


@pytest.mark.parametrize("_round", range(3))
def test_after_a_revocation_has_returned_nothing_more_is_approved(_round):
    """Whoever used it before stands; whoever comes after the answer waits for people."""
    site, standing_id = given_site(50)
    used_at_return = []

    def revoke():
        revoke_standing_approval(standing_id=standing_id, person_id=site.world.approver.pk, now=get_now())
        used_at_return.append(StandingApproval.objects.get(pk=standing_id).uses)

    together(revoke, *[lambda: submit(site, **NAME_CHANGE)] * 8)

    assert StandingApproval.objects.get(pk=standing_id).uses == used_at_return[0] == by_standing()
    assert submit(site, **NAME_CHANGE).status == "pending"


def test_what_ends_between_the_look_and_the_use_approves_nothing():
    """The database's clock has the last word on its end, and on the request's own."""
    site, standing_id = given_site(5)
    StandingApproval.objects.filter(pk=standing_id).update(expires_at=get_now() - timedelta(microseconds=1))
    waiting = submit(site, **NAME_CHANGE)
    assert waiting.status == "pending"

    StandingApproval.objects.filter(pk=standing_id).update(expires_at=get_now() + timedelta(days=1))
    AgentActionRequest.objects.filter(pk=waiting.request_id).update(expires_at=get_now() - timedelta(seconds=1))
    assert not apply_standing_approval(request_id=waiting.request_id, now=get_now())
    assert StandingApproval.objects.get(pk=standing_id).uses == 0
