"""Whose click counts on the review page, and until when (APR-07, APR-09, IDN-07)."""

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest, Vote
from approvals.services.sweep import run_due
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import ActionTier, Person, User
from tests.builders.api import make_site
from tests.builders.approvals import crm_value, execute, get, make_approver, submit_pending, vote
from tests.builders.console import log_in, text_of
from tests.builders.governance import allow, make_user, publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site():
    return make_site()


def click(row, user, name="approve"):
    form = {"digest": row.digest, "preset": "weak_evidence"}
    return log_in(user).post(reverse(f"approvals:{name}", args=[row.pk]), form)


@pytest.mark.parametrize("name", ["approve", "deny"])
def test_a_person_who_left_decides_nothing_with_a_session_that_is_still_open(site, name):
    row, events = submit_pending(site), LedgerEvent.objects.count()
    Person.objects.filter(pk=site.world.approver.pk).update(is_active=False)

    assert click(row, site.world.approver_user, name).status_code == 403
    assert (get(row.pk).status, Vote.objects.count(), LedgerEvent.objects.count()) == ("pending", 0, events)


@pytest.mark.parametrize("name", ["approve", "deny"])
def test_a_login_that_was_switched_off_is_a_stranger(site, name):
    row = submit_pending(site)
    client = log_in(site.world.approver_user)
    User.objects.filter(pk=site.world.approver_user.pk).update(is_active=False)

    answer = client.post(reverse(f"approvals:{name}", args=[row.pk]), {"digest": row.digest, "preset": "weak_evidence"})

    assert (answer.status_code, answer["Location"].startswith("/admin/login/")) == (302, True)
    assert get(row.pk).status == "pending"


def test_a_second_login_of_the_same_person_is_no_second_person(site):
    make_approver(site, "Uma Unused")
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(approvals_needed=2)
    publish(site.world)
    row = submit_pending(site)
    second = make_user(site.world.approver, username="rosa-too@example.com")
    allow(second, site.world.workspace, "view_requests", "review_requests")

    for user in (site.world.approver_user, second):
        click(row, user)
    assert (get(row.pk).status, Vote.objects.count()) == ("pending", 1)

    assert click(row, second, "deny").status_code == 409
    assert get(row.pk).status == "pending"


@pytest.mark.parametrize("name", ["approve", "deny"])
def test_a_manager_of_another_workspace_does_not_find_it(site, name):
    other = make_site("bolt", agent_name="agent.bolt")
    row = submit_pending(site)

    assert click(row, other.world.approver_user, name).status_code == 404
    assert (get(row.pk).status, Vote.objects.count()) == ("pending", 0)


@pytest.mark.parametrize("name", ["approve", "deny"])
def test_the_moment_of_expiry_is_too_late_and_the_page_says_so(site, name):
    row = submit_pending(site)
    AgentActionRequest.objects.filter(pk=row.pk).update(expires_at=get_now())

    answer = click(row, site.world.approver_user, name)

    assert answer.status_code == 410
    assert "It expired before your vote. Nothing was changed." in text_of(answer)
    assert (get(row.pk).status, Vote.objects.count()) == ("pending", 0)
    run_due(worker="test")
    assert get(row.pk).status == "expired"
    assert click(row, site.world.approver_user, name).status_code in (409, 410)


def test_an_approval_that_was_not_executed_in_time_writes_nothing(site):
    row = submit_pending(site)
    vote(site, row)
    AgentActionRequest.objects.filter(pk=row.pk).update(expires_at=get_now())

    assert execute(row.pk) == "expired"
    assert (crm_value(site, "name"), get(row.pk).attempts.count()) == ("Umicore", 0)
