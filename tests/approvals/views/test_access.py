"""Who may open the reviewers' pages: each page refuses a stranger, another workspace and the wrong role (IDN-07)."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders.api import make_site
from tests.builders.approvals import submit_pending
from tests.builders.console import log_in, make_login
from tests.builders.governance import make_workspace, stray_id

pytestmark = pytest.mark.django_db

LISTS = ["inbox", "requests"]
READ = ["review", "trace"]
WRITE = {
    "approve": "review_requests",
    "deny": "review_requests",
    "stop": "engage_switches",
    "revert": "revert_requests",
    "settle": "review_requests",
}


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def row(site):
    return submit_pending(site)


@pytest.mark.parametrize("name", LISTS)
def test_lists_send_a_stranger_to_the_login(name):
    answer = Client().get(reverse(f"approvals:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("name", [*READ, "revert"])
def test_pages_send_a_stranger_to_the_login(name, row):
    answer = Client().get(reverse(f"approvals:{name}", args=[row.pk]))
    assert answer.status_code == 302


@pytest.mark.parametrize("name", list(WRITE))
def test_a_stranger_changes_nothing(name, row):
    answer = Client().post(reverse(f"approvals:{name}", args=[row.pk]), {"digest": row.digest, "reason": "x"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.status == "pending"


@pytest.mark.parametrize("name", LISTS)
def test_lists_refuse_a_login_without_a_role(name):
    answer = log_in(make_login(None)).get(reverse(f"approvals:{name}"))
    assert answer.status_code == 403
    assert b"Your role does not allow this" in answer.content


@pytest.mark.parametrize("name", [*READ, "revert"])
def test_another_workspace_does_not_exist(name, row):
    other = make_login(make_workspace("other"), "view_requests", "review_requests", "revert_requests")
    assert log_in(other).get(reverse(f"approvals:{name}", args=[row.pk])).status_code == 404


@pytest.mark.parametrize("name", list(WRITE))
def test_another_workspace_cannot_be_changed(name, row):
    other = make_login(
        make_workspace("other"), "view_requests", "review_requests", "revert_requests", "engage_switches"
    )
    answer = log_in(other).post(reverse(f"approvals:{name}", args=[row.pk]), {"digest": row.digest, "reason": "x"})
    assert answer.status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_another_workspace_cannot_be_listed(name, site, row):
    make_workspace("other")
    user = make_login(site.world.workspace, "view_requests")
    assert log_in(user).get(reverse(f"approvals:{name}"), {"workspace": "other"}).status_code == 404


@pytest.mark.parametrize("name", list(WRITE))
def test_who_may_only_read_changes_nothing(name, site, row):
    viewer = make_login(site.world.workspace, "view_requests")
    answer = log_in(viewer).post(reverse(f"approvals:{name}", args=[row.pk]), {"digest": row.digest, "reason": "x"})
    assert answer.status_code == 403
    row.refresh_from_db()
    assert row.status == "pending"


def test_who_may_only_read_is_offered_no_decision(site, row):
    page = log_in(make_login(site.world.workspace, "view_requests")).get(reverse("approvals:review", args=[row.pk]))
    assert page.status_code == 200
    assert b"data-vote" not in page.content


@pytest.mark.parametrize("name", [*READ, "revert"])
def test_what_does_not_exist_is_not_found(name, site):
    client = log_in(site.world.approver_user)
    assert client.get(reverse(f"approvals:{name}", args=[stray_id()])).status_code == 404


@pytest.mark.parametrize("name", ["approve", "deny", "stop"])
def test_nothing_changes_by_following_a_link(name, site, row):
    """A decision is a POST: a picture in a mail cannot make it."""
    answer = log_in(site.world.approver_user).get(reverse(f"approvals:{name}", args=[row.pk]))
    assert answer.status_code == 405


def test_a_form_of_another_site_is_refused(site, row):
    """Without our token a signed-in browser cannot be made to approve."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(site.world.approver_user, backend="config.model_permissions.ModelPermissionsBackend")
    answer = client.post(reverse("approvals:approve", args=[row.pk]), {"digest": row.digest})
    assert answer.status_code == 403
    row.refresh_from_db()
    assert row.status == "pending"
