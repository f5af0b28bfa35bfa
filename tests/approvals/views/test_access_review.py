"""The pages of access reviews, and who may open and click what on them (IDN-08)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import AccessReview, AccessReviewDecision
from approvals.selectors.access_reviews import find_review, list_review_lines
from approvals.services.access_review import start_review
from audit.selectors.clock import get_now
from governance.models import Grant
from tests.builders.api import make_site
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_workspace

pytestmark = pytest.mark.django_db
LIST = reverse("approvals:access_reviews")


@pytest.fixture
def world():
    return make_site().world


@pytest.fixture
def cleo(world):
    return make_login(world.workspace, "review_access", name="Cleo Compliance")


@pytest.fixture
def review(world, cleo):
    return begin(world, cleo)


def begin(world, user, days=14, ago=0):
    now = get_now() - timedelta(days=ago)
    due = now.date() + timedelta(days=days)
    found = start_review(workspace_id=world.workspace.pk, title="4th quarter", due_date=due, user_id=user.pk, now=now)
    return find_review(found)


def test_a_review_is_started_and_its_rows_are_settled_with_one_click(world, cleo):
    client = log_in(cleo)
    due = (get_now().date() + timedelta(days=7)).isoformat()
    data = {"workspace": world.workspace.slug, "title": "4th quarter", "due_date": due}
    answer = client.post(reverse("approvals:start_access_review"), data)
    review = AccessReview.objects.get()
    assert answer.url == reverse("approvals:access_review", args=[review.pk])
    page = client.get(answer.url)
    assert "numberofemployees" in text_of(page)
    assert not find_acting_nodes(page.content)
    line = next(line for line in list_review_lines(review) if line.row.kind == "grant")
    click = {"verdict": "withdraw", "digest": line.digest, "kind": "grant", "state": "open"}
    answer = client.post(reverse("approvals:decide_access", args=[line.row.pk]), click)
    assert answer.url.endswith("?kind=grant&state=open")
    assert Grant.objects.get(pk=line.row.subject_id).is_withdrawn
    assert "1 of" in text_of(client.get(answer.url))


@pytest.mark.parametrize("due", ["", "soon", "2020-01-01", "2026-13-45"])
def test_a_bad_due_date_is_said_and_starts_nothing(world, cleo, due):
    data = {"workspace": world.workspace.slug, "title": "4th quarter", "due_date": due}
    page = log_in(cleo).post(reverse("approvals:start_access_review"), data, follow=True)
    assert "The review was not started" in text_of(page)
    assert not AccessReview.objects.exists()


def test_an_auditor_reads_and_exports_and_clicks_nothing(world, review):
    client = log_in(make_login(world.workspace, "view_ledger", name="Aldo"))
    row = list_review_lines(review)[0].row
    page = text_of(client.get(reverse("approvals:access_review", args=[review.pk])))
    assert row.holder in page
    assert 'name="verdict"' not in page
    assert "Start a review" not in text_of(client.get(LIST))
    for kind in ("csv", "xlsx"):
        answer = client.get(reverse("approvals:export_access_review", args=[review.pk, kind]))
        assert answer["Content-Disposition"] == f'attachment; filename="access-review.{kind}"'
    assert client.get(reverse("approvals:export_access_review", args=[review.pk, "exe"])).status_code == 404
    assert client.post(reverse("approvals:decide_access", args=[row.pk]), {"verdict": "confirm"}).status_code == 403
    assert client.post(reverse("approvals:start_access_review"), {}).status_code == 403
    assert not AccessReviewDecision.objects.exists()


def test_others_and_other_workspaces_open_nothing(world, review):
    row = list_review_lines(review)[0].row
    addresses = (
        reverse("approvals:access_review", args=[review.pk]),
        reverse("approvals:export_access_review", args=[review.pk, "csv"]),
    )
    reviewer = log_in(make_login(world.workspace, "view_requests", "review_requests", name="Rita"))
    stranger = log_in(make_login(make_workspace("other"), "review_access", name="Elsa"))
    for address in addresses:
        assert Client().get(address).status_code == 302
        assert reviewer.get(address).status_code == 403
        assert stranger.get(address).status_code == 404
    assert reviewer.post(reverse("approvals:decide_access", args=[row.pk])).status_code == 403
    assert stranger.post(reverse("approvals:decide_access", args=[row.pk])).status_code == 404


def test_ones_own_row_has_no_buttons(cleo, review):
    page = text_of(log_in(cleo).get(reverse("approvals:access_review", args=[review.pk]), {"kind": "login"}))
    assert "Your own: another person reviews it" in page


def test_the_home_page_tells_of_an_overdue_review(world, cleo):
    begin(world, cleo, days=3, ago=10)
    assert "access review overdue" in text_of(log_in(cleo).get(reverse("admin:home_later")))
    without = make_login(world.workspace, "view_requests", name="Rita")
    assert "access review" not in text_of(log_in(without).get(reverse("admin:home_later"))).lower()
