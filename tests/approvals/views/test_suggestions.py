"""The page of suggestions: who sees it, what it shows, what a click does (REG-06)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import Suggestion
from tests.approvals.services.test_promotion import edit, make_deal_site, step, suggest
from tests.builders.api import make_site
from tests.builders.approvals import execute
from tests.builders.console import text_of
from tests.builders.crm_connectors import make_record
from tests.builders.governance import allow, make_person, make_user

pytestmark = pytest.mark.django_db


def post(client, *rows, **data):
    shown = {f"shown-{row.pk}": '"Call Ann"' for row in rows}
    ticked = {"chosen": [str(row.pk) for row in rows]}
    return client.post(reverse("approvals:settle_suggestions"), {**ticked, **shown, **data}, follow=True)


def test_the_page_shows_both_values_the_agent_and_the_way_to_the_evidence(client):
    site, deal = make_deal_site()
    request, _ = suggest(site, deal)
    client.force_login(site.world.approver_user)

    text = text_of(client.get(reverse("approvals:suggestions")))

    for part in ("Call Ann", "Send the offer", "agent.enrichment", str(request.pk), "Promote ticked"):
        assert part in text


def test_it_says_so_when_nothing_is_open_and_when_nothing_matches(client):
    site, deal = make_deal_site()
    client.force_login(site.world.approver_user)
    assert "No suggestion is open" in text_of(client.get(reverse("approvals:suggestions")))
    suggest(site, deal)

    assert "Nothing matches" in text_of(client.get(reverse("approvals:suggestions"), {"agent": "agent.other"}))
    assert "Send the offer" in text_of(client.get(reverse("approvals:suggestions"), {"field": "next_step"}))


def test_ticked_suggestions_are_promoted_each_by_a_request_of_its_own(client):
    site, deal = make_deal_site()
    other = make_record(site.connection_id, "deals", next_step="Call Ann")
    rows = [suggest(site, place)[1] for place in (deal, other)]
    client.force_login(site.world.approver_user)

    answer = post(client, *rows, verdict="promote")

    assert text_of(answer).count("Promotion on its way") == 2
    for row in Suggestion.objects.all():
        assert execute(row.promotion_id) == "executed"
    assert (step(site, deal), step(site, other)) == ("Send the offer", "Send the offer")


def test_what_changed_since_the_page_was_made_is_not_written(client):
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    client.force_login(site.world.approver_user)
    edit(site, deal, next_step="Visit them")

    answer = post(client, row, verdict="promote")

    assert "changed since you looked" in text_of(answer)
    assert step(site, deal) == "Visit them"


def test_dismissing_takes_a_reason(client):
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    client.force_login(site.world.approver_user)

    assert "say why" in text_of(post(client, row, verdict="dismiss"))
    assert "Dismissed" in text_of(post(client, row, verdict="dismiss", reason="we call first"))
    assert Suggestion.objects.get().state == "dismissed"


@pytest.mark.parametrize("ids", [[], ["nonsense"], [str(number) for number in range(11)]])
def test_nothing_and_too_much_at_once_are_refused(client, ids):
    site, _ = make_deal_site()
    client.force_login(site.world.approver_user)

    answer = client.post(reverse("approvals:settle_suggestions"), {"chosen": ids, "verdict": "promote"}, follow=True)

    assert "Nothing was done" in text_of(answer)


def test_who_only_looks_sees_no_button_and_cannot_click(client):
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    looker = make_user(make_person("Lena Looker"))
    allow(looker, site.world.workspace, "view_requests")
    client.force_login(looker)

    assert "Promote ticked" not in text_of(client.get(reverse("approvals:suggestions")))
    assert post(client, row, verdict="promote").status_code == 403
    assert Suggestion.objects.get().promotion_id is None


def test_another_workspaces_people_see_nothing_of_it(client):
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    other = make_user(make_person("Otto Other"))
    client.force_login(other)

    assert client.get(reverse("approvals:suggestions")).status_code == 403
    assert post(client, row, verdict="promote").status_code == 403


def test_a_promoter_of_another_workspace_is_refused_the_row(client):
    site, deal = make_deal_site()
    _, row = suggest(site, deal)
    elsewhere = make_site("globex", agent_name="agent.other")
    allow(elsewhere.world.approver_user, elsewhere.world.workspace, "promote_suggestions")
    client.force_login(elsewhere.world.approver_user)

    assert "may not promote" in text_of(post(client, row, verdict="promote"))
    assert Suggestion.objects.get(pk=row.pk).promotion_id is None


def test_the_number_of_queries_does_not_grow_with_the_rows(client, django_assert_max_num_queries):
    site, deal = make_deal_site()
    suggest(site, deal)
    client.force_login(site.world.approver_user)
    client.get(reverse("approvals:suggestions"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("approvals:suggestions"))
    for _ in range(4):
        suggest(site, make_record(site.connection_id, "deals", next_step="Call Ann"))

    with django_assert_max_num_queries(len(one)):
        client.get(reverse("approvals:suggestions"))
