"""The page of standing approvals: who may look, who may revoke, and that a stranger learns nothing (APR-11)."""

import pytest
from django.urls import reverse

from approvals.models import StandingApproval
from approvals.services.standing import give_standing_approval
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from tests.builders.api import make_site
from tests.builders.approvals import NAME_CHANGE, submit, submit_pending, vote
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.crowds import multiply
from tests.builders.governance import make_user, make_workspace

pytestmark = pytest.mark.django_db
PAGE = reverse("approvals:standing")


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def given(site):
    request = submit_pending(site)
    vote(site, request)
    standing_id = give_standing_approval(
        request_id=request.pk,
        person_id=site.world.approver.pk,
        days=30,
        max_uses=2,
        is_any_value=False,
        confidence_gap=0.05,
        now=get_now(),
    )
    return StandingApproval.objects.get(pk=standing_id)


def revoking(given):
    return reverse("approvals:standing_revoke", args=[given.pk])


@pytest.mark.parametrize("permission", ["view_requests", "review_requests"])
def test_whoever_sees_requests_sees_what_is_approved_beforehand(site, given, permission):
    page = log_in(make_login(site.world.workspace, permission)).get(PAGE)
    assert "name = Umicore NV" in text_of(page)
    assert "used 0 of 2" in text_of(page)
    assert find_acting_nodes(page.content) == []


def test_one_that_still_approves_comes_before_all_that_ended_and_pages_are_short(site, given):
    """APR-11: whoever looks for what approves now finds it on the first page, however many ended since."""
    StandingApproval.objects.filter(pk=given.pk).update(allowed_values={"name": ["Umicore\u202eVN"]})
    ended = StandingApproval.objects.get(pk=given.pk)
    ended.revoked_at, ended.revoked_by = get_now(), site.world.approver
    multiply(ended, 120)
    client = log_in(site.world.approver_user)
    first = text_of(client.get(PAGE))
    assert first.count("Number ") == 50
    assert first.index("Number 1, given") < first.index("Number 130, given")
    assert "\u202e" not in first
    assert "Umicore⟦U+202E⟧VN" in first
    last = text_of(client.get(PAGE, {"page": "3"}))
    assert (last.count("Number "), 'rel="next"' in last, 'rel="prev"' in last) == (21, False, True)


def test_who_may_not_revoke_is_offered_no_button(site, given):
    reader = log_in(make_login(site.world.workspace, "view_requests", name="Rita Reader"))
    assert revoking(given) not in text_of(reader.get(PAGE))
    assert revoking(given) in text_of(log_in(site.world.approver_user).get(PAGE))


@pytest.mark.parametrize("permission", ["edit_policy", "engage_switches", "view_own_requests", "manage_dnc"])
def test_the_wrong_role_sees_no_page(site, given, permission):
    assert log_in(make_login(site.world.workspace, permission)).get(PAGE).status_code in (403, 404)


@pytest.mark.parametrize("permission", ["review_requests", "edit_policy"])
def test_reviewers_and_revops_revoke_in_one_click(site, given, permission):
    answer = log_in(make_login(site.world.workspace, permission)).post(revoking(given))
    given.refresh_from_db()
    assert answer.status_code == 302
    assert given.revoked_at is not None
    assert LedgerEvent.objects.filter(type="standing.revoked").count() == 1
    assert submit(site, **NAME_CHANGE).status == "pending"


@pytest.mark.parametrize("permission", ["view_requests", "engage_switches", "view_ledger"])
def test_the_wrong_role_revokes_nothing(site, given, permission):
    assert log_in(make_login(site.world.workspace, permission)).post(revoking(given)).status_code in (403, 404)
    given.refresh_from_db()
    assert given.revoked_at is None


def test_another_workspace_sees_and_revokes_nothing(given):
    """The boundary: the id of another tenant's approval is an id of nothing."""
    stranger = log_in(make_login(make_workspace("other"), "view_requests", "review_requests", "edit_policy"))
    assert "Umicore" not in text_of(stranger.get(PAGE))
    assert stranger.post(revoking(given)).status_code in (403, 404)
    assert stranger.post(f"{revoking(given)}?workspace=acme").status_code in (403, 404)
    given.refresh_from_db()
    assert given.revoked_at is None


def test_without_a_login_and_by_a_link_nothing_is_revoked(site, given, client):
    """Revoking is a POST, and somebody's: a login that is no person's revokes nothing."""
    assert client.get(PAGE).status_code == 302
    assert client.post(revoking(given)).status_code == 302
    reviewer = log_in(make_login(site.world.workspace, "review_requests", name="Rita Reviewer"))
    assert reviewer.get(revoking(given)).status_code == 405
    nobody = make_user(None, username="nobody@example.com")
    assert log_in(nobody).post(revoking(given)).status_code in (403, 404)
    given.refresh_from_db()
    assert given.revoked_at is None
