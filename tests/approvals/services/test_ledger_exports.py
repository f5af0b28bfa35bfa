"""Exports of the ledger: whole, resumed, harmless in a spreadsheet, on record (AUD-04, cases 86, 87, 90)."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.urls import reverse
from guardian.shortcuts import remove_perm
from openpyxl import load_workbook

from approvals.adapters import export_file
from approvals.adapters.export_file import append_rows, finished_path, gathered_path
from approvals.models import ExportPlan, LedgerExport, Notification
from approvals.services import ledger_export_working as working
from approvals.services.ledger_export_working import work_on_exports
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from tests.builders.api import make_site
from tests.builders.approvals import submit_pending
from tests.builders.audit import append, new_event
from tests.builders.console import log_in, make_agents_login, make_login, text_of

pytestmark = pytest.mark.django_db
START, LIST = reverse("approvals:export_ledger_search"), reverse("approvals:ledger_exports")
ACTING = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "＠x"]


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def client(site):
    return log_in(make_login(site.world.workspace, "view_ledger", name="Ada Auditor"))


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def make(client, kind="jsonl", **criteria):
    answer = client.post(START, {"kind": kind, **criteria}, follow=True)
    assert answer.status_code == 200
    work()
    return LedgerExport.objects.order_by("-id").first()


def work():
    for _ in range(20):
        if not work_on_exports(seconds=5):
            return


def address(export):
    return reverse("approvals:download_ledger_export", args=[export.pk])


def download(client, export):
    answer = client.get(address(export))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content), answer


def fill(count, **changes):
    return append(*[new_event(**{"data": {"number": number}, **changes}) for number in range(count)])


def test_every_event_that_matches_is_in_the_file_once(client, monkeypatch):
    monkeypatch.setattr(working, "PAGE", 7)
    wanted = fill(30, correlation_id="run-9")
    fill(3, correlation_id="run-8")
    export = make(client, correlation="run-9")
    rows = [json.loads(line) for line in download(client, export)[0].splitlines()]
    assert [row["id"] for row in rows] == [str(event) for event in sorted(wanted, reverse=True)]
    assert (export.state, export.rows_count) == ("done", 30)
    assert not gathered_path(export.pk).exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_of_a_file_acts_in_a_spreadsheet(client, kind):
    """86, 87: whatever an agent put into a name."""
    for text in ACTING:
        append(new_event(correlation_id=text, workspace="acme", type="request.voted"))
    content, _ = download(client, make(client, kind, type="request.voted"))
    if kind == "csv":
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        cells = [cell for line in lines for cell in line]
    else:
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}
        cells = [cell.value or "" for row in sheet.iter_rows() for cell in row]
    acting = [cell for cell in cells if cell[:1] in set("=+-@\t\r＝＋＠")]
    assert acting == []
    assert sum(cell.startswith("'") for cell in cells) == len(ACTING)


def test_it_is_an_attachment_that_nobody_sniffs_and_each_download_is_on_record(client):
    """90."""
    fill(1)
    export = make(client, "csv")
    started = LedgerEvent.objects.get(type="ledger.export_started")
    assert started.subject_id == str(export.pk)
    _, answer = download(client, export)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert answer["Cache-Control"] == "no-store"
    download(client, export)
    assert LedgerEvent.objects.filter(type="ledger.export_downloaded", subject_id=str(export.pk)).count() == 2


def test_a_worker_that_died_in_a_page_leaves_neither_a_gap_nor_a_repetition(client, monkeypatch):
    monkeypatch.setattr(working, "PAGE", 5)
    wanted = fill(12, correlation_id="run-9")
    calls = []

    def die(*given, **named):
        size = append_rows(*given, **named)
        calls.append(size)
        if len(calls) == 2:
            raise OSError("killed after the file was written and before the row")
        return size

    monkeypatch.setattr(working, "append_rows", die)
    client.post(START, {"kind": "jsonl", "correlation": "run-9"})
    with pytest.raises(OSError, match="killed"):
        work_on_exports(seconds=5)
    export = LedgerExport.objects.get()
    assert (export.state, export.rows_count) == ("working", 5)
    assert not work_on_exports(seconds=5), "another worker waits until the lease of the dead one is over"
    LedgerExport.objects.update(taken_until=get_now() - timedelta(seconds=1))
    work()
    export.refresh_from_db()
    rows = [json.loads(line)["id"] for line in download(client, export)[0].splitlines()]
    assert rows == [str(event) for event in sorted(wanted, reverse=True)]


def test_a_workbook_has_an_end_and_says_so(client, monkeypatch):
    monkeypatch.setattr(export_file, "MOST_IN_A_WORKBOOK", 3)
    fill(4)
    assert make(client, "xlsx").state == "failed"
    assert "choose CSV or JSON lines" in text_of(client.get(LIST))


def test_no_erasable_value_is_in_a_file(site, client):
    """AUD-07."""
    submit_pending(site)
    maintain_ledger(now=get_now())
    content, _ = download(client, make(client, type="request.decided"))
    assert b"Umicore NV" not in content
    assert b'"commitments":{"patch":"' in content


def test_its_time_is_up_after_a_week(client):
    fill(1)
    export = make(client)
    LedgerExport.objects.update(expires_at=get_now())
    assert client.get(address(export)).status_code == 404
    work()
    assert not finished_path(export.pk, "jsonl").exists()
    assert "expired" in text_of(client.get(LIST))


def test_who_may_not_read_the_ledger_exports_and_downloads_nothing(site, client):
    fill(1)
    export = make(client)
    world = site.world
    refused = [
        make_login(world.workspace, "view_requests", "edit_policy", name="Ed"),
        make_agents_login(world.agent, "view_requests"),
    ]
    for user in refused:
        other = log_in(user)
        assert other.get(address(export)).status_code == 403
        assert other.post(START, {"kind": "csv"}).status_code == 403
        assert other.get(LIST).status_code == 403
    foreign = log_in(
        make_login(make_site("other", agent_name="agent.other").world.workspace, "view_ledger", name="Fay")
    )
    assert foreign.get(address(export)).status_code == 404
    assert foreign.get(address(export), {"workspace": "acme"}).status_code == 404
    assert LedgerEvent.objects.filter(type="ledger.export_downloaded").count() == 0


@pytest.mark.parametrize("wrong", [{"kind": "exe"}, {"kind": "csv", "record": "1"}, {"kind": "csv", "type": "no.such"}])
def test_what_cannot_be_exported_is_refused_in_words(client, wrong):
    answer = client.post(START, wrong, follow=True)
    assert "Nothing was exported" in text_of(answer)
    assert not LedgerExport.objects.exists()


def test_nobody_keeps_the_workers_busy_alone(client):
    for _ in range(6):
        answer = client.post(START, {"kind": "csv"}, follow=True)
    assert "wait for one" in text_of(answer)
    assert LedgerExport.objects.count() == 5


def test_a_plan_makes_a_file_a_day_and_tells_whose_it_is(client):
    fill(2)
    client.post(START, {"kind": "csv", "every": "day"})
    work()
    plan, export = ExportPlan.objects.get(), LedgerExport.objects.get()
    assert (export.state, export.plan_id) == ("done", plan.pk)
    assert Notification.objects.get(kind="ledger_export").person_id == plan.person_id
    work()
    assert LedgerExport.objects.count() == 1, "not before tomorrow"
    ExportPlan.objects.update(next_at=get_now() - timedelta(days=3))
    work()
    assert LedgerExport.objects.count() == 2, "what was missed is made once"
    assert "Every day" in text_of(client.get(LIST))
    client.post(reverse("approvals:end_export_plan", args=[plan.pk]))
    assert not ExportPlan.objects.exists()
    assert LedgerExport.objects.filter(state="done").count() == 2


def test_who_plans_an_export_and_who_ends_it_is_on_record(site, client):
    """AUD-01, AUD-08: what leaves every day is known from the day it is planned, until somebody ends it."""
    client.post(START, {"kind": "csv", "every": "day", "agent": "agent.enrichment"})
    plan = ExportPlan.objects.get()
    end = reverse("approvals:end_export_plan", args=[plan.pk])
    for _ in range(2):
        client.post(end)
    events = [json.loads(bytes(row.body)) for row in LedgerEvent.objects.filter(subject_id=plan.pk).order_by("id")]
    assert [event["type"] for event in events] == ["ledger.export_planned", "ledger.export_plan_ended"]
    assert {event["actor"]["id"] for event in events} == {str(plan.person_id)}
    assert events[0]["data"] == {"criteria": ["agent"], "every_days": 1, "format": "csv"}


def test_a_plan_ends_with_the_right_of_whose_it_is(site, client):
    client.post(START, {"kind": "csv", "every": "week"})
    plan = ExportPlan.objects.get()
    assert plan.every_days == 7
    remove_perm("view_ledger", plan.user, site.world.workspace)
    work()
    assert not ExportPlan.objects.exists()
    assert not LedgerExport.objects.exists()
    ended = LedgerEvent.objects.get(type="ledger.export_plan_ended")
    assert (ended.actor_type, ended.subject_id) == ("system", str(plan.pk))


def test_another_workspaces_plan_cannot_be_ended(site, client):
    client.post(START, {"kind": "csv", "every": "week"})
    other = make_site("other", agent_name="agent.other")
    fay = make_login(other.world.workspace, "view_ledger", name="Fay")
    log_in(fay).post(reverse("approvals:end_export_plan", args=[ExportPlan.objects.get().pk]))
    assert ExportPlan.objects.exists()
