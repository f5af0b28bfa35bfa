"""The palette finds what the person may read, and nothing else (APR-03, IDN-07)."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders.api import make_site
from tests.builders.approvals import submit_pending, vote
from tests.builders.console import log_in, make_login
from tests.builders.governance import allow

pytestmark = pytest.mark.django_db

ADDRESS = reverse("approvals:palette")


@pytest.fixture
def site():
    return make_site()


def found(user, text):
    return [(line["kind"], line["label"], line["address"]) for line in ask(user, text)]


def ask(user, text):
    answer = log_in(user).get(ADDRESS, {"q": text})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    return answer.json()["results"]


def test_a_request_by_its_id_or_the_beginning_of_it(site):
    row = submit_pending(site, correlation_id="run-77")
    words = "Set Name on Company 101, agent.enrichment"
    review = reverse("approvals:review", args=[row.pk])
    for text in (str(row.pk), str(row.pk).upper(), row.pk.hex[:20], "run-77"):
        assert found(site.world.approver_user, text) == [("Request", words, review)]
    vote(site, row, verdict="deny", reason="no")
    trace = reverse("approvals:trace", args=[row.pk])
    assert found(site.world.approver_user, str(row.pk)) == [("Request", words, trace)]


def test_an_agent_a_group_and_a_status_by_a_part_of_the_name(site):
    user = site.world.approver_user
    assert ("Agent", "agent.enrichment: waiting for you", "/review/?workspace=acme&agent=agent.enrichment") in found(
        user, "ENRICH"
    )
    assert found(user, "revop") == [("Inbox", "only for Revops", "/review/?workspace=acme&group=revops")]
    assert found(user, "expired") == [("Requests", "all that are expired", "/requests/?workspace=acme&status=expired")]


@pytest.mark.parametrize("text", ["", " ", "\x00", "' OR 1=1 --", "%", "zzzzzzzz", "0" * 500, "🙂"])
def test_whatever_is_typed_is_only_looked_for(site, text):
    submit_pending(site)
    assert ask(site.world.approver_user, text) == []


def test_other_workspaces_are_not_found(site):
    """IDN-07."""
    row = submit_pending(site, correlation_id="run-77")
    stranger = make_site("globex", agent_name="agent.other").world.approver_user
    for text in (str(row.pk), "run-77", "agent.enrichment"):
        assert ask(stranger, text) == []
    allow(stranger, site.world.workspace, "view_requests")
    (line,) = ask(stranger, "run-77")
    assert line["address"].endswith(f"{row.pk}/")


def test_who_may_read_no_requests_finds_none(site):
    """IDN-07."""
    row = submit_pending(site)
    stopper = make_login(site.world.workspace, "engage_switches")
    assert ask(stopper, str(row.pk)) == []
    assert Client().get(ADDRESS, {"q": str(row.pk)}).status_code == 302
    assert log_in(site.world.approver_user).post(ADDRESS).status_code == 405


def test_the_number_of_queries_stays(site, django_assert_max_num_queries):
    client = log_in(site.world.approver_user)
    client.get(ADDRESS, {"q": "agent"})
    with django_assert_max_num_queries(6):
        client.get(ADDRESS, {"q": "agent"})
    submit_pending(site, correlation_id="agent")
    with django_assert_max_num_queries(6):
        client.get(ADDRESS, {"q": "agent"})
