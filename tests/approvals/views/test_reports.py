"""The weekly report: every number opens exactly its rows, and files hold nothing that acts (REP-01, REP-02)."""

import io
import re
from html import unescape

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from approvals.models import AgentActionRequest
from approvals.services.report_tallying import REPORTS
from approvals.views import all_requests as list_page
from audit.selectors.clock import get_now
from audit.services.follow import follow
from audit.services.maintain import maintain_ledger
from governance.domain.roles import ROLE_PERMISSIONS, Role
from governance.models import Agent
from tests.builders.api import make_site
from tests.builders.approvals import execute, submit, submit_executed, submit_pending, vote
from tests.builders.console import log_in, make_login, text_of

pytestmark = pytest.mark.django_db

ADDRESS = reverse("approvals:report")
HOSTILE = '=HYPERLINK("http://x")<script>alert(1)</script>'


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def client(site):
    return log_in(make_login(site.world.workspace, *ROLE_PERMISSIONS[Role.AUDITOR]))


def catch_up():
    maintain_ledger(now=get_now())
    while follow(REPORTS):
        pass


def live(site):
    approved, denied, _waiting = (submit_pending(site, correlation_id=name) for name in "abc")
    vote(site, approved)
    execute(approved.pk)
    vote(site, denied, verdict="deny")
    submit_executed(site)
    submit(site, changes={"numberofemployees": "many"}, expected=None)
    catch_up()


def linked_numbers(page):
    """(address, number) of every link that shows a number of requests."""
    found = re.findall(r'href="(/requests/\?[^"]+)"[^>]*>(?:<span class="cs-tile-number">)?([\d,]+)<', page)
    return [(unescape(address), int(number.replace(",", ""))) for address, number in found]


def test_each_number_opens_exactly_its_rows(site, client, monkeypatch):
    monkeypatch.setattr(list_page, "PAGE_SIZE", 1_000)
    live(site)
    numbers = linked_numbers(text_of(client.get(ADDRESS)))
    assert len(numbers) > 20
    listed = {address: len(client.get(address).context["rows"]) for address, _ in numbers}
    assert [(address, number) for address, number in numbers if listed[address] != number] == []


def test_it_says_what_it_cannot_measure(site, client):
    page = text_of(client.get(ADDRESS))
    assert "Agents asked for nothing" in page
    assert "Not measured yet" in page
    assert "Pipeline created" in page
    live(site)
    assert "nothing to measure" in text_of(client.get(ADDRESS))


def test_events_that_are_not_counted_yet_are_told(site, client):
    live(site)
    assert "not counted yet" not in text_of(client.get(ADDRESS))
    submit(site)
    maintain_ledger(now=get_now())
    assert "not counted yet" in text_of(client.get(ADDRESS))


def test_other_weeks_are_other_numbers(site, client):
    live(site)
    answer = client.get(ADDRESS, {"week": "2020-01-15"})
    assert answer.context["report"].week.name == "2020-W03"
    assert answer.context["report"].is_empty
    assert client.get(ADDRESS, {"week": "nonsense"}).status_code == 200


def test_other_workspaces_are_not_counted(site, client):
    other = make_site("other", agent_name="agent.other")
    live(other)
    assert client.get(ADDRESS).context["report"].is_empty
    assert client.get(ADDRESS, {"workspace": "other"}).status_code == 404
    assert client.get(reverse("approvals:report_file", args=["csv"]), {"workspace": "other"}).status_code == 404


@pytest.mark.parametrize("path", [ADDRESS, reverse("approvals:report_file", args=["csv"])])
def test_who_may_not_read_reports_is_refused(site, path):
    assert log_in(make_login(site.world.workspace, "view_requests", "review_requests")).get(path).status_code == 403


def test_agents_words_do_nothing(site, client):
    Agent.objects.filter(pk=site.world.agent.pk).update(name=HOSTILE)
    submit_pending(site)
    catch_up()
    page = text_of(client.get(ADDRESS))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert " style=" not in page.split('data-page="report"')[1]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_files_hold_the_report_and_nothing_that_acts(site, client, kind):
    live(site)
    Agent.objects.filter(pk=site.world.agent.pk).update(name=HOSTILE)
    answer = client.get(reverse("approvals:report_file", args=[kind]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert kind in answer["Content-Disposition"]
    cells = cells_of(kind, answer.content)
    if cells is None:
        assert answer.content.startswith(b"%PDF-")
        assert b"/URI" not in answer.content
        return
    assert any("Acceptance rate" in cell for cell in cells)
    assert f"'{HOSTILE}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_file_of_another_kind_does_not_exist(client):
    assert client.get(reverse("approvals:report_file", args=["exe"])).status_code == 404


def test_it_costs_the_same_however_much_there_is(site, client, django_assert_max_num_queries):
    live(site)
    client.get(ADDRESS)
    with django_assert_max_num_queries(MOST) as few:
        client.get(ADDRESS)
    for _ in range(6):
        submit(site, changes={"numberofemployees": "many"}, expected=None)
    catch_up()
    with django_assert_max_num_queries(len(few)):
        client.get(ADDRESS)
    assert AgentActionRequest.objects.count() == 11


def cells_of(kind, content):
    if kind == "csv":
        import csv

        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    if kind == "xlsx":
        sheet = load_workbook(io.BytesIO(content)).active
        assert {cell.data_type for row in sheet for cell in row} <= {"s", "n", "inlineStr"}
        return [str(cell.value or "") for row in sheet for cell in row]
    return None


MOST = 15  # eleven of the report, four of the frame
