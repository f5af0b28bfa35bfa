"""The pages of quality: who sees them, what they show, what a card sent does (QAS-02)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import QualityScore
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_workspace, stray_id
from tests.builders.quality import make_sample, make_sampling_site, make_scorer

pytestmark = pytest.mark.django_db
CARD = {f"verdict-{key}": "pass" for key in ("data_correct", "right_record", "clean_record")}


@pytest.fixture
def site():
    return make_sampling_site()


def page(name, *args):
    return reverse(f"approvals:{name}", args=args)


def test_the_queue_names_what_was_drawn_and_why(site):
    make_sample(site)
    text = text_of(log_in(make_scorer(site)[1]).get(page("quality")))
    for part in ("Umicore", "agent.enrichment", "new agent", "Score the next one"):
        assert part in text


def test_it_says_so_when_nothing_waits(site):
    text = text_of(log_in(make_scorer(site)[1]).get(page("quality")))
    assert "Nothing waits to be scored" in text
    assert "Score the next one" not in text


def test_a_sample_shows_the_change_the_evidence_and_what_the_crm_holds_now(site):
    sample = make_sample(site)
    text = text_of(log_in(make_scorer(site)[1]).get(page("sample", sample.pk)))
    for part in ("220", "100", "register.example", "as written", "data correctness", "Score and next"):
        assert part in text
    assert "message integrity" not in text


def test_a_card_sent_is_kept_and_the_next_sample_comes(site):
    first, second = make_sample(site), make_sample(site, changes={"numberofemployees": 221}, expected=None)
    client = log_in(make_scorer(site)[1])
    assert client.post(page("next_sample"))["Location"] == page("sample", first.pk)
    answer = client.post(page("score_sample", first.pk), CARD)
    assert answer["Location"] == page("sample", second.pk)
    assert QualityScore.objects.get().sample_id == first.pk
    answer = client.post(page("score_sample", second.pk), CARD, follow=True)
    assert "Nothing is left" in text_of(answer)
    assert "Scored" in text_of(answer)
    text = text_of(client.get(page("sample", first.pk)))
    assert "A score is never changed" in text
    assert "Quinn Quality" in text


def test_a_card_that_is_not_filled_in_comes_back_with_what_is_missing(site):
    sample = make_sample(site)
    answer = log_in(make_scorer(site)[1]).post(page("score_sample", sample.pk), {"verdict-data_correct": "pass"})
    assert (answer.status_code, QualityScore.objects.count()) == (400, 0)
    assert "answer with pass, fail or not applicable" in text_of(answer)


def test_what_is_given_back_is_free_again(site):
    sample = make_sample(site)
    client = log_in(make_scorer(site)[1])
    client.post(page("next_sample"))
    assert "Quinn Quality has it" in text_of(client.get(page("quality")))
    client.post(page("release_sample", sample.pk))
    assert "has it" not in text_of(client.get(page("quality")))


def test_who_approved_it_reads_that_somebody_else_scores(site):
    sample = make_sample(site)
    reader = make_login(site.world.workspace, "view_quality")
    text = text_of(log_in(reader).get(page("sample", sample.pk)))
    assert "Your role may read this, not score it" in text


WRITES = ("score_sample", "release_sample")


@pytest.mark.parametrize("name", ["quality", "next_sample"])
def test_a_stranger_is_sent_to_the_login_and_the_wrong_role_refused(site, name):
    make_sample(site)
    ask = "post" if name == "next_sample" else "get"
    assert getattr(Client(), ask)(page(name))["Location"].startswith("/admin/login/")
    wrong = log_in(make_login(site.world.workspace, "view_requests", "review_requests"))
    assert getattr(wrong, ask)(page(name)).status_code == 403


@pytest.mark.parametrize("name", ["sample", *WRITES])
def test_one_sample_refuses_the_wrong_role_and_hides_from_other_workspaces(site, name):
    sample = make_sample(site)
    ask = "get" if name == "sample" else "post"
    wrong = log_in(make_login(site.world.workspace, "view_requests", "review_requests"))
    assert getattr(wrong, ask)(page(name, sample.pk)).status_code == 403
    elsewhere = make_login(make_workspace("other"), "view_quality", "score_quality", name="Otto Other")
    assert getattr(log_in(elsewhere), ask)(page(name, sample.pk)).status_code == 404
    assert getattr(Client(), ask)(page(name, sample.pk)).status_code == 302
    assert getattr(wrong, ask)(page(name, stray_id())).status_code == 404
    assert not QualityScore.objects.exists()


@pytest.mark.parametrize("name", WRITES)
def test_who_only_reads_changes_nothing(site, name):
    sample = make_sample(site)
    reader = log_in(make_login(site.world.workspace, "view_quality"))
    assert reader.post(page(name, sample.pk), CARD).status_code == 403
    assert reader.get(page(name, sample.pk)).status_code in (403, 405)


def test_hostile_text_stays_text(site):
    text = "<script>alert(1)</script>\u202e"
    sample = make_sample(site, justification=text, intent="<img src=x onerror=alert(1)>")
    client = log_in(make_scorer(site)[1])
    for address in (page("quality"), page("sample", sample.pk)):
        assert find_acting_nodes(client.get(address).content) == []


@pytest.mark.parametrize("count", [1, 6])
def test_the_queue_asks_as_much_for_many_as_for_one(site, count):
    for number in range(count):
        make_sample(site, changes={"numberofemployees": 300 + number}, expected=None)
    client = log_in(make_scorer(site)[1])
    client.get(page("quality"))
    with CaptureQueriesContext(connection) as captured:
        client.get(page("quality"))
    assert len(captured) <= 24
