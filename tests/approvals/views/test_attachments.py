"""Attachments on the pages: listed with what tells them apart, taken away safely and on record, refused to others."""

import pytest
from django.urls import reverse

from approvals.models import AgentActionRequest
from approvals.services import attachments as service
from audit.models import LedgerEvent
from audit.services.append import LedgerUnavailableError
from crm_connectors.models import CrmRecord
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_world
from tests.builders.outward import PDF, attached, email_to, make_contact, make_sending_site

pytestmark = pytest.mark.django_db(transaction=True)

SCRIPT = b"<script>alert(document.domain)</script>"


@pytest.fixture
def site():
    return make_sending_site()


@pytest.fixture
def row(site):
    files = [attached("Angebot für Jörg.pdf"), attached("notes.txt", SCRIPT, "text/plain")]
    return get(submit(site, **email_to(make_contact(site), attachments=files)).request_id)


def file_of(row, number):
    return reverse("approvals:attachment", args=[row.pk, number])


@pytest.mark.parametrize("name", ["review", "trace"])
def test_the_page_lists_name_kind_size_and_hash(site, row, name):
    """APR-03: a reviewer sees what would leave, and what no rule looked into."""
    answer = log_in(site.world.approver_user).get(reverse(f"approvals:{name}", args=[row.pk]))
    page = text_of(answer)
    listing = next(item["after"] for item in row.patch if item["field"] == "attachments")
    for line in listing.split("\n"):
        assert line.rsplit("sha256:", 1)[1][:12] in page
    for expected in ("2 attachments", "Angebot für Jörg.pdf", "PDF", f"{len(PDF)}\xa0bytes", "notes.txt", "plain text"):
        assert expected in page
    assert page.count("No rule looks inside") == 1
    assert file_of(row, 1) in page
    assert not find_acting_nodes(answer.content)


def test_a_message_without_files_says_nothing_of_them(site):
    row = get(submit(site, **email_to(make_contact(site))).request_id)
    assert "cs-files" not in text_of(log_in(site.world.approver_user).get(reverse("approvals:review", args=[row.pk])))


def test_a_file_is_handed_over_so_that_no_browser_runs_it_and_it_is_on_record(site, row):
    """Case 90: nothing is sniffed, shown or run; AUD-02: who took it."""
    answer = log_in(site.world.approver_user).get(file_of(row, 2))
    assert (answer.status_code, answer.content) == (200, SCRIPT)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == 'attachment; filename="notes.txt"'
    assert answer["Content-Security-Policy"].startswith("sandbox;")
    assert answer["Cache-Control"] == "no-store"
    event = LedgerEvent.objects.get(type="attachment.downloaded")
    assert (event.subject_id, event.actor_id) == (str(row.pk), str(site.world.approver.pk))
    assert b"notes" not in bytes(event.body)
    name = log_in(site.world.approver_user).get(file_of(row, 1))["Content-Disposition"]
    assert name == "attachment; filename*=utf-8''Angebot%20f%C3%BCr%20J%C3%B6rg.pdf"


def test_who_may_not_read_the_request_reads_no_file(site, row):
    """PRM-07: refused with other permissions, and not there for strangers."""
    drill = make_login(site.world.workspace, "engage_switches")
    assert log_in(drill).get(file_of(row, 1)).status_code == 403
    stranger = make_login(
        make_world("other", agent_name="agent.other").workspace, "view_requests", name="Stefan Stranger"
    )
    assert log_in(stranger).get(file_of(row, 1)).status_code == 404
    nobody = log_in(make_login(None, name="Nora Nobody"))
    assert nobody.get(file_of(row, 1)).status_code == 404
    nobody.logout()
    assert nobody.get(file_of(row, 1)).status_code == 302
    assert not LedgerEvent.objects.filter(type="attachment.downloaded").exists()


def test_only_what_is_there_is_handed_over(site, row):
    client = log_in(site.world.approver_user)
    for number in (0, 3, 99):
        assert client.get(file_of(row, number)).status_code == 404
    assert client.post(file_of(row, 1)).status_code == 405
    AgentActionRequest.objects.filter(pk=row.pk).update(
        patch=[
            {**item, "after": item["after"].replace("sha256:", "sha256:0")}
            for item in row.patch
            if item["field"] == "attachments"
        ]
    )
    assert client.get(file_of(row, 1)).status_code == 404  # not the bytes that were voted on
    bare = get(submit(site, **email_to(make_contact(site))).request_id)
    assert client.get(file_of(bare, 1)).status_code == 404


def test_a_file_that_cannot_be_put_on_record_is_not_handed_over(site, row, monkeypatch):
    def broken(*_args, **_kwargs):
        raise LedgerUnavailableError("down")

    monkeypatch.setattr(service, "append_event", broken)
    answer = log_in(site.world.approver_user).get(file_of(row, 2))
    assert (answer.status_code, SCRIPT in answer.content) == (503, False)


def test_the_outbox_lists_them_and_shows_the_text_alone(site, row):
    vote(site, row)
    assert execute(row.pk) == "executed"
    record = CrmRecord.objects.get(crm_object__name="emails")
    client = log_in(site.world.approver_user)
    answer = client.get(f"/admin/crm_connectors/email/{record.pk}/change/")
    page = text_of(answer)
    for expected in ("2 attachments", "Angebot für Jörg.pdf", "application/pdf", "Here is the answer."):
        assert expected in page
    assert attached("x", SCRIPT)["content"] not in page
    file = client.get(f"/admin/crm_connectors/email/{record.pk}/file/")
    assert attached("x", SCRIPT)["content"].encode() in file.content.replace(b"\r\n", b"")
    assert file["Content-Security-Policy"].startswith("sandbox;")
    assert LedgerEvent.objects.filter(type="attachment.downloaded").count() == 1
