"""All requests: every one of the workspace, found by what one knows of it (AUD-04)."""

import pytest
from django.urls import reverse

from approvals.views import all_requests as list_page
from tests.builders.api import make_site
from tests.builders.approvals import submit, submit_pending
from tests.builders.console import log_in, make_login, text_of

pytestmark = pytest.mark.django_db

ADDRESS = reverse("approvals:requests")


@pytest.fixture
def site():
    return make_site()


def shown(answer):
    return [row.request.pk for row in answer.context["rows"]]


def test_it_is_empty_in_words(site):
    page = text_of(log_in(site.world.approver_user).get(ADDRESS))
    assert "No agent has asked for anything yet" in page


def test_newest_first_whatever_became_of_them(site):
    first, second = submit(site), submit_pending(site)
    assert shown(log_in(site.world.approver_user).get(ADDRESS)) == [second.pk, first.request_id]


def test_pages_by_key_lose_and_repeat_nothing(site, monkeypatch):
    monkeypatch.setattr(list_page, "PAGE_SIZE", 2)
    rows = [submit_pending(site, correlation_id=f"run-{number}").pk for number in range(5)]
    client, seen, before = log_in(site.world.approver_user), [], ""
    while True:
        answer = client.get(ADDRESS, {"before": before} if before else {})
        seen += shown(answer)
        before = answer.context["before"]
        if not before:
            break
    assert seen == rows[::-1]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"status": "pending"}, 1),
        ({"status": "approved"}, 1),
        ({"status": "nonsense"}, 2),
        ({"agent": "agent.enrichment"}, 2),
        ({"object": "deals"}, 0),
        ({"correlation": "run-x"}, 1),
        ({"correlation": "run"}, 0),
        ({"record": "999999"}, 0),
    ],
)
def test_filters(site, query, count):
    submit(site)
    submit_pending(site, correlation_id="run-x")
    assert len(shown(log_in(site.world.approver_user).get(ADDRESS, query))) == count


def test_other_workspaces_are_not_listed(site):
    other = make_site("other", agent_name="agent.other")
    submit_pending(other)
    assert shown(log_in(site.world.approver_user).get(ADDRESS)) == []


def test_one_row_costs_what_many_cost(site, django_assert_max_num_queries):
    client = log_in(make_login(site.world.workspace, "view_requests"))
    submit_pending(site)
    client.get(ADDRESS)
    with django_assert_max_num_queries(MOST) as few:
        client.get(ADDRESS)
    for number in range(6):
        submit_pending(site, correlation_id=f"run-{number}")
    with django_assert_max_num_queries(len(few)):
        client.get(ADDRESS)


MOST = 8
