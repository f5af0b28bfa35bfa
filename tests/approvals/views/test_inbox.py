"""The inbox: oldest first, only what waits for this person, filtered and paged by key (APR-03)."""

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest
from approvals.views import inbox as inbox_page
from tests.builders.api import make_site
from tests.builders.approvals import make_approver, submit_pending, vote
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import allow, make_group, make_user

pytestmark = pytest.mark.django_db

ADDRESS = reverse("approvals:inbox")


@pytest.fixture
def site():
    return make_site()


def pending(site, count):
    return [submit_pending(site, correlation_id=f"run-{number}") for number in range(count)]


def shown(answer):
    return [row.request.pk for row in answer.context["rows"]]


def test_it_is_empty_in_words(site):
    assert "Nothing waits for you" in text_of(log_in(site.world.approver_user).get(ADDRESS))


def test_a_row_says_what_would_happen(site):
    pending(site, 1)
    page = text_of(log_in(site.world.approver_user).get(ADDRESS))
    for expected in ("Set Name on Company", "Umicore NV", "agent.enrichment", "gated", "old", "expires in"):
        assert expected in page


def test_oldest_first(site):
    rows = pending(site, 3)
    assert shown(log_in(site.world.approver_user).get(ADDRESS)) == [row.pk for row in rows]


def test_pages_by_key_lose_and_repeat_nothing(site, monkeypatch):
    monkeypatch.setattr(inbox_page, "PAGE_SIZE", 2)
    rows, client, seen, after = pending(site, 5), log_in(site.world.approver_user), [], ""
    while True:
        answer = client.get(ADDRESS, {"after": after} if after else {})
        seen += shown(answer)
        after = answer.context["after"]
        if not after:
            break
    assert seen == [row.pk for row in rows]


def test_what_one_has_voted_on_is_gone_for_them(site):
    row, other = pending(site, 2)
    vote(site, row, verdict="deny", reason="no")
    assert shown(log_in(site.world.approver_user).get(ADDRESS)) == [other.pk]


def test_other_groups_see_nothing(site):
    pending(site, 1)
    outsider = make_login(site.world.workspace, "view_requests", "review_requests")
    make_group(site.world.workspace, "legal", outsider.person)
    assert shown(log_in(outsider).get(ADDRESS)) == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"agent": "agent.enrichment"}, 2),
        ({"agent": "agent.other"}, 0),
        ({"object": "companies"}, 2),
        ({"object": "deals"}, 0),
        ({"group": "revops"}, 2),
        ({"group": "legal"}, 0),
        ({"agent": "x' OR 1=1 --"}, 0),
        ({"after": "not-an-id"}, 2),
        ({"agent": "\x00"}, 2),
    ],
)
def test_filters(site, query, count):
    pending(site, 2)
    assert len(shown(log_in(site.world.approver_user).get(ADDRESS, query))) == count


def test_a_login_of_nobody_reads_why_it_sees_nothing(site):
    pending(site, 1)
    nobody = make_user(username="robot@example.com")
    allow(nobody, site.world.workspace, "view_requests")
    assert "belongs to no person" in text_of(log_in(nobody).get(ADDRESS))


def test_one_row_costs_what_fifty_cost(site, django_assert_max_num_queries):
    """The number of queries does not depend on the number of rows."""
    pending(site, 1)
    _, user = make_approver(site, "Nina Next")
    client = log_in(user)
    client.get(ADDRESS)
    with django_assert_max_num_queries(MOST) as few:
        client.get(ADDRESS)
    pending(site, 8)
    with django_assert_max_num_queries(len(few)):
        client.get(ADDRESS)


MOST = 20  # on PostgreSQL, where the clock is a query


def test_a_full_inbox_still_answers_with_one_page(site):
    """Ten thousand rows wait: a page holds fifty and says how to go on."""
    template = submit_pending(site)
    values = {
        field.attname: getattr(template, field.attname)
        for field in AgentActionRequest._meta.concrete_fields
        if field.name not in ("id", "idempotency_key")
    }
    AgentActionRequest.objects.bulk_create(
        [AgentActionRequest(**values, idempotency_key=f"key-{number}") for number in range(10_000)], batch_size=1_000
    )
    answer = log_in(site.world.approver_user).get(ADDRESS)
    assert len(shown(answer)) == inbox_page.PAGE_SIZE
    assert answer.context["after"]
