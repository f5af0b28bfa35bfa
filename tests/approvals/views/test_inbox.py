"""The inbox: oldest first, only what waits for this person, filtered and paged by key (APR-03)."""

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest
from approvals.views import inbox as inbox_page
from tests.builders.api import make_site
from tests.builders.approvals import make_approver, submit_pending, vote
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import allow, make_group, make_user

pytestmark = pytest.mark.django_db

ADDRESS = reverse("approvals:inbox")


@pytest.fixture
def site():
    return make_site()


def pending(site, count):
    return [submit_pending(site, correlation_id=f"run-{number}") for number in range(count)]


def shown(answer):
    """Ids in the page's order: of a group those that are alike, then those apart."""
    entries = answer.context["entries"]
    return [line.row.request.pk for entry in entries for line in (*entry.lines, *entry.outliers)]


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
        ({"like": "not-an-id"}, 2),
        ({"like": "0198f000-0000-7000-8000-000000000000"}, 0),
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


MOST = 10


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


def test_likes_stand_together_under_one_head_and_what_differs_beside_them(site):
    """APR-03: five of a kind are one group; the unsure one is told apart, and says why."""
    rows = pending(site, 5)
    odd = submit_pending(site, confidence=0.75)
    other = submit_pending(site, changes={"annualrevenue": 5_000_000})

    answer = log_in(site.world.approver_user).get(ADDRESS)

    group, single = answer.context["entries"]
    assert [line.row.request.pk for line in group.lines] == [row.pk for row in rows]
    assert [line.row.request.pk for line in group.outliers] == [odd.pk]
    assert (group.is_group, group.is_folded, single.is_group) == (True, True, False)
    assert single.first.request.pk == other.pk
    page = text_of(answer)
    for expected in ("Set Name on 5 companies", "Not like the others: 1", "confidence 0.75, the others about 0.91"):
        assert expected in page


def test_only_the_likes_of_one(site):
    rows = pending(site, 2)
    submit_pending(site, changes={"annualrevenue": 5_000_000})
    assert shown(log_in(site.world.approver_user).get(ADDRESS, {"like": rows[0].pk})) == [row.pk for row in rows]


def test_the_likes_of_a_request_elsewhere_are_none(site):
    pending(site, 1)
    foreign = submit_pending(make_site("globex", agent_name="agent.other"))
    assert shown(log_in(site.world.approver_user).get(ADDRESS, {"like": foreign.pk})) == []


def test_who_may_only_read_has_nothing_to_tick(site):
    """IDN-07: no box and no button without the permission to review."""
    pending(site, 2)
    reader = make_login(site.world.workspace, "view_requests")
    site.world.group.memberships.create(person=reader.person)
    page = text_of(log_in(reader).get(ADDRESS))
    assert "data-pick" not in page
    assert "batch" not in page[page.index("data-page") : page.index("cs-pager")]


def test_values_stay_inert_in_groups_and_lines(site):
    """APR-03: hostile values, folded and unfolded."""
    hostile = '<img src=x onerror=alert(1)>\u202e"><script>alert(1)</script>'
    for _ in range(4):
        row = submit_pending(site)
        AgentActionRequest.objects.filter(pk=row.pk).update(
            patch=[{"field": "name", "before": hostile, "after": hostile}]
        )
    answer = log_in(site.world.approver_user).get(ADDRESS)
    assert find_acting_nodes(answer.content) == []
    assert "U+202E" in text_of(answer)
