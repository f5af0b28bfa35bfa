"""Results by agent and field: counts, intervals, and the rows behind each number (QAS-02)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.domain.scorecard import Answer
from approvals.models import WrittenField
from approvals.selectors.quality_results import (
    list_dimension_results,
    list_field_results,
    list_result_rows,
    list_week_results,
)
from approvals.services.scoring import score_sample
from audit.selectors.clock import get_now
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_workspace
from tests.builders.quality import make_sample, make_sampling_site, make_scorer

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    """Four headcounts: three scored, one of them wrong; one overwritten, one kept, two still watched."""
    site = make_sampling_site()
    person, user = make_scorer(site)
    samples = [make_sample(site, changes={"numberofemployees": 300 + n}, expected=None) for n in range(4)]
    for place, sample in enumerate(samples[:3]):
        verdict, note = ("fail", "it is 12") if place == 0 else ("pass", "")
        score_sample(
            sample_id=sample.pk,
            person_id=person.pk,
            user_id=user.pk,
            answers=[
                Answer("data_correct", verdict, note),
                Answer("right_record", "n/a"),
                Answer("clean_record", "pass"),
            ],
            wrong_fields=[],
            severity="low" if place == 0 else "",
            now=get_now(),
        )
    ids = list(WrittenField.objects.order_by("id").values_list("pk", flat=True))
    for pk, fate in zip(ids, ("overwritten", "kept"), strict=False):
        WrittenField.objects.filter(pk=pk).update(fate=fate, fate_at=get_now())
    return site


def span(site):
    now = get_now()
    return {"workspace_id": site.world.workspace.pk, "since": now - timedelta(days=1), "until": now}


def test_each_number_is_a_count_with_its_interval(site):
    row = list_field_results(**span(site))[0]
    assert (row.agent, row.object_type, row.field) == ("agent.enrichment", "companies", "numberofemployees")
    assert (row.errors.hits, row.errors.total) == (1, 3)
    assert (row.rejections.hits, row.rejections.total, row.watched) == (1, 2, 2)
    assert row.errors.low < 1 / 3 < row.errors.high


def test_the_rows_behind_a_number_are_as_many_as_it_says(site):
    place = ("agent.enrichment", "companies", "numberofemployees")
    counted = {
        kind: len(list_result_rows(kind=kind, place=place, **span(site)))
        for kind in ("scored", "wrong", "overwritten", "judged", "watched")
    }
    assert counted == {"scored": 3, "wrong": 1, "overwritten": 1, "judged": 2, "watched": 2}


def test_parts_of_the_card_leave_out_what_did_not_apply(site):
    found = {row.dimension: (row.errors.hits, row.errors.total) for row in list_dimension_results(**span(site))}
    assert found == {"data correctness": (1, 3), "CRM hygiene": (0, 3)}


def test_the_trend_counts_cards_by_week(site):
    weeks = list_week_results(workspace_id=site.world.workspace.pk, until=get_now())
    assert [(week.errors.hits, week.errors.total) for week in weeks] == [(1, 3)]
    assert weeks[0].monday.weekday() == 0


def test_outside_the_span_and_of_other_agents_nothing_is_counted(site):
    given = span(site) | {"until": get_now() - timedelta(hours=1)}
    assert list_field_results(**given) == ()
    assert list_field_results(**span(site), agent="agent.other") == ()


def test_the_page_links_every_number_to_its_rows(site):
    client = log_in(make_scorer(site, "Rita Reader")[1])
    with CaptureQueriesContext(connection) as captured:
        text = text_of(client.get(reverse("approvals:quality_results")))
    assert len(captured) <= 24
    for part in ("33 %", "50 %", "kind=wrong", "kind=judged", "data correctness", "1 of 3 cards failed"):
        assert part in text
    query = {"kind": "wrong", "agent": "agent.enrichment", "object": "companies", "field": "numberofemployees"}
    rows = text_of(client.get(reverse("approvals:quality_rows"), query))
    assert rows.count("data-row") == 1
    assert client.get(reverse("approvals:quality_rows"), query | {"kind": "nonsense"}).status_code == 404


@pytest.mark.parametrize("name", ["quality_results", "quality_rows", "ledger_reviews"])
def test_the_wrong_role_and_another_workspace_are_refused(site, name):
    address, query = reverse(f"approvals:{name}"), {"kind": "wrong", "workspace": site.world.workspace.slug}
    assert log_in(make_login(site.world.workspace, "view_requests")).get(address, query).status_code == 403
    elsewhere = make_login(make_workspace("other"), "view_quality", name="Otto Other")
    assert log_in(elsewhere).get(address, query).status_code == 404
