"""The weekly report: every number opens exactly its rows, and files hold nothing that acts (REP-01, REP-02)."""

import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from approvals.domain.exception_case import CaseKind
from approvals.domain.weeks import week_of
from approvals.models import AgentActionRequest, ExceptionCase
from approvals.services.cancel import cancel_request
from approvals.services.expiry import expire_request
from approvals.services.followers import follow_ledger
from approvals.services.report_tallying import REPORTS
from approvals.views import all_requests as list_page
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from audit.services.follow import follow
from audit.services.maintain import maintain_ledger
from governance.domain.roles import ROLE_PERMISSIONS, Role
from governance.models import Agent
from governance.services.switches import engage_switch
from tests.builders.api import make_site
from tests.builders.approvals import execute, submit, submit_executed, submit_pending, vote
from tests.builders.console import log_in, make_login, text_of
from tests.builders.exceptions import make_case

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
    """(address, number) of every link of the report that shows a number: of its rows, or of what it is a rate `of`."""
    body = page.split('data-page="report"')[1]
    found = re.findall(r'<a class="cs-link" href="(/[^"]+)"[^>]*>(.*?)</a>', body, re.S)
    texts = [(unescape(address), re.sub(r"<[^>]+>", "", text)) for address, text in found]
    return [(address, int(re.findall(r"[\d,]+", text)[-1].replace(",", ""))) for address, text in texts]


def count_rows(client, address):
    """How many rows the page behind a number lists: requests, ledger events, cases or cards."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    if address.startswith("/requests/"):
        return len(answer.context["rows"])
    if address.startswith("/reports/behind/"):
        return text_of(answer).count("data-row")
    return len(answer.context["cl"].result_list)


def live_everything(site):
    """Requests of most fates, also in the week before; a stop, cases open and closed, cards of second looks."""
    cancelled, expired = (submit_pending(site, correlation_id=name) for name in "de")
    agent = Actor("agent", site.world.agent.name)
    cancel_request(request_id=cancelled.pk, actor=agent, reason="", agent_id=site.world.agent.pk, now=get_now())
    AgentActionRequest.objects.filter(pk=expired.pk).update(expires_at=get_now() - timedelta(hours=1))
    assert expire_request(request_id=expired.pk)
    live(site)
    actor = Actor("human", "rosa")
    stop = {"kind": "send", "agent_id": None, "reason": "test", "actor": actor, "now": get_now()}
    engage_switch(workspace_id=site.world.workspace.pk, **stop)
    closed = make_case(site.world.workspace, kind=CaseKind.CONFLICT, code="drift", field="")
    ExceptionCase.objects.filter(pk=closed.pk).update(state="closed", closed_at=get_now(), alarm_at=None)
    catch_up()
    follow_ledger()


def test_every_number_opens_exactly_its_rows(site, client, monkeypatch):
    """Shares and times too: they open what they are of. Whatever digit stands in a table is a link, but for changes."""
    monkeypatch.setattr(list_page, "PAGE_SIZE", 1_000)
    live_everything(site)
    page = text_of(client.get(ADDRESS))
    numbers = linked_numbers(page)
    assert len(numbers) > 40
    counted = {address: count_rows(client, address) for address, _ in numbers}
    assert [(address, number) for address, number in numbers if counted[address] != number] == []
    asked = {address.split("measure=")[1].split("&")[0] for address in counted if "measure=" in address}
    assert {"settled", "ended_otherwise", "reviewed"} <= asked
    assert [address for address in counted if address.startswith("/admin/audit/ledgerevent/")]
    cells = re.findall(r"<td>(.*?)</td>", page, re.S)
    assert [cell for cell in cells if re.search("[1-9]", cell) and "<a " not in cell] == []
    tiles = [unescape(address) for address in re.findall(r'<a class="cs-tile" href="([^"]+)"', page)]
    assert len(tiles) == 4
    assert set(tiles) <= set(counted)


def test_the_week_before_opens_its_rows_too(site, client, monkeypatch):
    monkeypatch.setattr(list_page, "PAGE_SIZE", 1_000)
    live_everything(site)
    after = week_of(get_now().date()).next.monday.isoformat()
    numbers = linked_numbers(text_of(client.get(ADDRESS, {"week": after})))
    assert len(numbers) > 15
    assert [(address, number) for address, number in numbers if count_rows(client, address) != number] == []


def test_who_may_not_read_the_ledger_sees_stops_without_a_link(site):
    live_everything(site)
    reader = log_in(make_login(site.world.workspace, "view_reports", "view_requests", name="Rita Reader"))
    assert "/admin/audit/" not in text_of(reader.get(ADDRESS)).split('data-page="report"')[1]


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


def test_who_takes_a_report_away_is_on_record_and_none_leaves_without(client, monkeypatch):
    """AUD-01, AUD-08."""
    address = reverse("approvals:report_file", args=["csv"])
    answer = client.get(address)
    event = json.loads(bytes(LedgerEvent.objects.get(type="report.downloaded").body))
    assert event["data"] == {
        "bytes": len(answer.content),
        "format": "csv",
        "is_of_some_agents": False,
        "report": "weekly",
    }

    def fail(*_args, **_kwargs):
        raise LedgerUnavailableError("disk full")

    monkeypatch.setattr("approvals.services.report_taking.append_event", fail)
    assert client.get(address).status_code == 503


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


MOST = 12  # eight of the report, four of the frame
