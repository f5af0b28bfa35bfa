"""Bulk reverts through the browser: chosen, read, started, watched, stopped (RVT-02, RVT-03)."""

import csv
import io

import pytest
from django.urls import reverse

from approvals.domain.bulk_choice import Choice
from approvals.models import AgentActionRequest, BulkRevert
from governance.models import ChangeProposal
from tests.builders.api import make_site
from tests.builders.approvals import crm_value, submit_executed
from tests.builders.bulk_reverts import edit, make_company, plan, start, work, write_one, write_some
from tests.builders.console import find_acting_nodes, log_in, make_agents_login, make_login, text_of
from tests.builders.governance import allow, make_switch

pytestmark = pytest.mark.django_db

LIST = "approvals:bulk_reverts"


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def client(site):
    allow(site.world.approver_user, site.world.workspace, "view_requests", "revert_requests")
    return log_in(site.world.approver_user)


def job_address(job, name="bulk_revert"):
    return reverse(f"approvals:{name}", args=[job.pk])


def test_a_choice_becomes_a_dry_run_that_is_read_started_and_finished(site, client):
    requests = write_some(site, 2)
    answer = client.post(reverse("approvals:plan_bulk_revert"), {"agent": str(site.world.agent.pk)})
    job = BulkRevert.objects.get()
    assert answer["Location"] == job_address(job)
    assert "A worker takes it up" in text_of(client.get(job_address(job)))
    work()

    job.refresh_from_db()
    page = client.get(job_address(job))
    assert "of 2 changes can be taken back" in text_of(page)
    assert job.digest in page.content.decode()
    client.post(job_address(job, "start_bulk_revert"), {"digest": job.digest, "reason": "wrong source"})
    work()

    assert "finished" in text_of(client.get(job_address(job)))
    assert [crm_value(site, "numberofemployees", record=row.record_id) for row in requests] == [100, 100]


def test_nothing_chosen_is_refused_with_words(client):
    answer = client.post(reverse("approvals:plan_bulk_revert"), {"agent": "", "last": ""})
    assert (answer.status_code, BulkRevert.objects.count()) == (422, 0)
    assert "Choose by at least one" in text_of(answer)


@pytest.mark.parametrize(
    "form",
    [{"agent": "x"}, {"last": "0"}, {"last": "-1"}, {"since": "soon"}, {"since": "2026-02-02", "until": "2026-01-01"}],
)
def test_what_cannot_be_read_is_refused(client, form):
    assert client.post(reverse("approvals:plan_bulk_revert"), form).status_code == 422


def test_the_report_says_who_edited_and_links_to_the_three_ways(site, client):
    clean, edited = write_some(site, 2)
    edit(site, edited.record_id, numberofemployees=300)
    job = plan(site)

    page = client.get(job_address(job))

    assert "human:petra" in text_of(page)
    assert reverse("approvals:revert", args=[edited.pk]) in page.content.decode()
    assert reverse("approvals:revert", args=[clean.pk]) not in page.content.decode()
    filtered = client.get(job_address(job), {"finding": "edited"})
    assert [shown.item.request_id for shown in filtered.context["page"].items] == [edited.pk]


def test_ten_thousand_items_come_a_hundred_at_a_time(site, client, django_assert_max_num_queries, monkeypatch):
    """The page costs what it shows."""
    monkeypatch.setattr("approvals.services.pages.bulk_reverts.PER_PAGE", 2)
    requests = write_some(site, 5)
    job = plan(site)

    first = client.get(job_address(job))
    second = client.get(job_address(job), {"after": first.context["page"].after})
    third = client.get(job_address(job), {"after": second.context["page"].after})

    seen = [shown.item.request_id for page in (first, second, third) for shown in page.context["page"].items]
    assert seen == [request.pk for request in reversed(requests)]
    assert third.context["page"].after is None
    with django_assert_max_num_queries(30):
        client.get(job_address(job))


def test_the_file_holds_every_field_and_no_formula(site, client):
    """Attack case 86."""
    record = make_company(site, "Formula")
    submit_executed(
        site,
        target={"object": "companies", "id": record},
        changes={"country": "Belgium"},
        expected=None,
    )
    edit(site, record, country="Bolivia", actor="=HYPERLINK(1)")
    job = plan(site)

    answer = client.get(job_address(job, "export_bulk_revert"))

    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["field"], row["ours"], row["now"], row["by"]) for row in rows] == [
        ("country", "Belgium", "Bolivia", "'=HYPERLINK(1)")
    ]
    assert answer["Content-Type"].startswith("text/csv")


def test_a_stale_dry_run_is_refused_in_words(site, client):
    write_some(site, 1)
    job = plan(site)
    answer = client.post(job_address(job, "start_bulk_revert"), {"digest": "sha256:0", "reason": "x"}, follow=True)
    assert "not the dry run that you saw" in text_of(answer)
    assert AgentActionRequest.objects.filter(reverses__isnull=False).count() == 0


def test_it_is_paused_resumed_and_stopped_by_buttons(site, client):
    write_some(site, 1)
    job = plan(site)
    start(site, job)
    for verb, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopping")):
        client.post(job_address(job, "move_bulk_revert"), {"verb": verb})
        job.refresh_from_db()
        assert job.state == state
    refused = client.post(job_address(job, "move_bulk_revert"), {"verb": "resume"}, follow=True)
    assert "Nothing was changed" in text_of(refused)
    assert client.post(job_address(job, "move_bulk_revert"), {"verb": "explode"}).status_code == 404


def test_above_the_limit_the_page_says_that_two_people_are_needed(site, client, monkeypatch):
    monkeypatch.setattr("approvals.domain.bulk_revert.TWO_PEOPLE_ABOVE", 1)
    write_some(site, 2)
    job = plan(site)
    assert "another person countersigns" in text_of(client.get(job_address(job)))
    client.post(job_address(job, "start_bulk_revert"), {"digest": job.digest, "reason": "wrong source"})
    assert "waits for a second person" in text_of(client.get(job_address(job)))
    assert ChangeProposal.objects.filter(kind="revert.bulk").count() == 1


def test_the_page_says_so_too_when_what_was_started_today_makes_it_more(site, client, monkeypatch):
    """DESIGN §5.5."""
    monkeypatch.setattr("approvals.domain.bulk_revert.TWO_PEOPLE_ABOVE", 1)
    write_some(site, 2)
    start(site, plan(site, Choice(last=1)))
    work()
    job = plan(site)
    assert job.taken_up == 1
    assert "1 change that you started within a day counts" in text_of(client.get(job_address(job)))


def test_what_a_stop_holds_may_be_released_by_asking_a_second_person(site, client):
    """DESIGN §5.5."""
    write_some(site, 1)
    job = plan(site)
    start(site, job)
    assert "Let it pass the stops" not in text_of(client.get(job_address(job)))
    make_switch(site.world.workspace, "all")
    assert "Let it pass the stops" in text_of(client.get(job_address(job)))
    client.post(job_address(job, "release_bulk_revert"), {"reason": "wrong prices"})
    assert "waits for a second person" in text_of(client.get(job_address(job)))
    assert ChangeProposal.objects.get(kind="revert.release").proposed_by == site.world.approver


def test_who_answers_for_the_ledger_reads_and_is_refused_every_act(site, client):
    """IDN-07, RVT-02: compliance and auditors see what was taken back; no form is offered, and none is taken."""
    write_some(site, 2)
    job = plan(site)
    auditor = log_in(make_login(site.world.workspace, "view_requests", "view_ledger", name="Ada Auditor"))
    listed, page = text_of(auditor.get(reverse(LIST))), text_of(auditor.get(job_address(job)))
    assert job_address(job) in listed
    assert "Your role reads what was taken back" in listed
    choosing = reverse("approvals:plan_bulk_revert")
    assert choosing not in listed
    assert auditor.post(choosing, {"last": "1"}).status_code == 403
    for name in ("start_bulk_revert", "move_bulk_revert", "plan_bulk_revert_again", "release_bulk_revert"):
        assert job_address(job, name) not in page
        form = {"digest": job.digest, "reason": "x", "verb": "stop"}
        assert auditor.post(job_address(job, name), form).status_code == 403
    assert auditor.get(job_address(job, "export_bulk_revert")).status_code == 200
    job.refresh_from_db()
    assert (job.state, BulkRevert.objects.count()) == ("planned", 1)


def test_strangers_find_nothing_and_readers_are_refused(site, client):
    """IDN-07."""
    write_some(site, 1)
    job = plan(site)
    stranger = log_in(
        make_login(
            make_site("other", agent_name="agent.other").world.workspace,
            "revert_requests",
            "view_requests",
            name="Sten",
        )
    )
    reader = log_in(make_login(site.world.workspace, "view_requests", name="Rita Reader"))
    posts = {
        "start_bulk_revert": {},
        "release_bulk_revert": {"reason": "x"},
        "move_bulk_revert": {"verb": "stop"},
        "plan_bulk_revert_again": {},
    }
    for name in ("bulk_revert", "export_bulk_revert"):
        assert stranger.get(job_address(job, name)).status_code == 404
        assert reader.get(job_address(job, name)).status_code == 403
    for name, form in posts.items():
        assert stranger.post(job_address(job, name), form).status_code == 404
        assert reader.post(job_address(job, name), form).status_code == 403
    assert reader.get(reverse(LIST)).status_code == 403
    assert reader.post(reverse("approvals:plan_bulk_revert"), {"last": "1"}).status_code == 403


def test_who_may_revert_for_one_agent_alone_plans_of_that_one_and_sees_no_job_of_others(site):
    """IDN-07: rights for one agent."""
    mine = write_some(site, 1)[0]
    job = plan(site)
    other = make_agents_login(site.world.agent, "view_requests", "revert_requests", name="Ann Alone")
    alone = log_in(other)
    assert alone.get(job_address(job)).status_code == 404
    alone.post(reverse("approvals:plan_bulk_revert"), {"last": "10", "workspace": site.world.workspace.slug})
    work()
    own = BulkRevert.objects.exclude(pk=job.pk).get()
    assert [item.request_id for item in own.items.all()] == [mine.pk]
    assert alone.get(job_address(own)).status_code == 200
    assert [card.job.pk for card in alone.get(reverse(LIST)).context["cards"]] == [own.pk]


def test_agents_words_do_nothing_on_the_page(site, client):
    record = make_company(site, "<script>alert(1)</script>")
    write_one(site, record)
    edit(site, record, numberofemployees=300, actor="<img src=x onerror=alert(1)>")
    page = client.get(job_address(plan(site)))
    assert find_acting_nodes(page.content) == []


def test_a_prefilled_choice_is_shown_and_nothing_is_planned_by_looking(site, client):
    page = client.get(reverse(LIST), {"agent": str(site.world.agent.pk), "since": "2026-01-01T10:00"})
    assert f'value="{site.world.agent.pk}" selected' in page.content.decode()
    assert 'value="2026-01-01T10:00"' in page.content.decode()
    assert BulkRevert.objects.count() == 0
