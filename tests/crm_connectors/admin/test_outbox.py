"""The outbox in the console: seen and downloaded by those who may see requests, made or changed by nobody."""

import pytest
from django.test import Client

from audit.models import LedgerEvent
from audit.services.append import LedgerUnavailableError
from crm_connectors.models import CrmRecord
from crm_connectors.services import outward_files
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.governance import allow, make_person, make_user
from tests.builders.outward import email_to, export_of, make_contact, make_sending_site, meeting_with

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("proposal", "kind", "content"),
    [
        (email_to, "email", b"Subject: Your question"),
        (meeting_with, "meeting", b"BEGIN:VEVENT"),
        (lambda _: export_of("email"), "export", b'"jane@acme.example"'),
    ],
)
def test_what_left_is_opened_by_those_who_may_and_by_nobody_else(proposal, kind, content):
    site = make_sending_site()
    submission = submit(site, **proposal(make_contact(site)))
    vote(site, get(submission.request_id))
    assert execute(submission.request_id) == "executed", get(submission.request_id).status_code
    record = CrmRecord.objects.latest("id")
    page, file = (f"/admin/crm_connectors/{kind}/{record.pk}/{part}" for part in ("change/", "file/"))
    client, stranger = Client(), Client()
    client.force_login(site.world.approver_user)
    if kind == "export":
        assert client.get(file).status_code == 403
        assert "Your role may not download the file" in client.get(page).content.decode()
        allow(site.world.approver_user, site.world.workspace, "download_exports")
    other = make_user(make_person("Stefan Stranger"))
    stranger.force_login(other)
    assert client.get(page).status_code == 200
    answer = client.get(file)
    assert content in answer.content
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    assert LedgerEvent.objects.filter(type="export.downloaded").count() == (kind == "export")
    assert stranger.get(file).status_code in (302, 403)
    assert LedgerEvent.objects.filter(type="export.downloaded").count() == (kind == "export")
    assert client.post(page, {"_archive": "1"}).status_code == 403
    assert client.get(f"/admin/crm_connectors/{kind}/add/").status_code == 403


def test_what_left_is_read_as_facts_and_not_as_a_form():
    site = make_sending_site()
    submission = submit(site, **email_to(make_contact(site)))
    vote(site, get(submission.request_id))
    assert execute(submission.request_id) == "executed", get(submission.request_id).status_code
    client = Client()
    client.force_login(site.world.approver_user)
    page = client.get(f"/admin/crm_connectors/email/{CrmRecord.objects.latest('id').pk}/change/").content.decode()
    assert "Here is the answer." in page
    assert "Download the message" in page
    assert 'id="record_form"' not in page
    assert "Belongs to, id</dt>" not in page


def test_an_export_that_cannot_be_put_on_record_does_not_leave(monkeypatch):
    site = make_sending_site()
    make_contact(site)
    submission = submit(site, **export_of("email"))
    vote(site, get(submission.request_id))
    execute(submission.request_id)
    allow(site.world.approver_user, site.world.workspace, "download_exports")
    client = Client()
    client.force_login(site.world.approver_user)

    def broken(*_args, **_kwargs):
        raise LedgerUnavailableError("down")

    monkeypatch.setattr(outward_files, "append_event", broken)
    record = CrmRecord.objects.latest("id")
    answer = client.get(f"/admin/crm_connectors/export/{record.pk}/file/")
    assert (answer.status_code, b"jane@" in answer.content) == (503, False)
