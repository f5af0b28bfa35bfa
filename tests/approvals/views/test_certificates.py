"""Proof of non-contact at the console: asked for, kept, taken along (DNC-07)."""

import pytest
from django.utils.html import escape

from approvals.models import ContactCertificate
from audit.models import LedgerEvent
from audit.services.signing_key import get_verifier_key
from audit.verifier.noncontact import verify_certificate
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.contacts import certify, end_day, make_compliance
from tests.builders.governance import make_workspace
from tests.builders.outward import make_sending_site

pytestmark = pytest.mark.django_db(transaction=True)


def test_compliance_finds_what_was_given_and_takes_the_file_and_the_page_along():
    """DNC-07: the file is the signed one, byte for byte; each copy is on record."""
    site = make_sending_site()
    end_day()
    row = certify(site, "jane@acme.example")
    client = log_in(make_compliance(site.world.workspace))
    page = client.get("/certificates/")
    assert "email:jane@acme.example" in text_of(page)
    assert escape(get_verifier_key()) in text_of(page)
    assert not find_acting_nodes(page.content)
    file = client.get(f"/certificates/{row.pk}/")
    assert verify_certificate(file.content, get_verifier_key()).sends == ()
    assert file["Content-Disposition"].startswith("attachment")
    assert client.get(f"/certificates/{row.pk}/pdf/").content.startswith(b"%PDF")
    assert LedgerEvent.objects.filter(type="certificate.downloaded").count() == 2


def test_a_day_without_a_map_is_named_on_the_page():
    """DNC-07: fails closed, and says why."""
    site = make_sending_site()
    client = log_in(make_compliance(site.world.workspace))
    form = {"typed": "jane@acme.example", "first": "2026-03-01", "last": "2026-03-01"}
    answer = client.post("/certificates/give/", form, follow=True)
    assert "no map was made of 2026-03-01" in text_of(answer)
    assert "a day is written like" in text_of(client.post("/certificates/give/", {**form, "last": "x"}, follow=True))
    assert not ContactCertificate.objects.exists()


def test_an_auditor_reads_them_and_gives_none():
    """DNC-07, IDN-07: the button is not drawn, and the door is closed."""
    site = make_sending_site()
    end_day()
    row = certify(site, "jane@acme.example")
    client = log_in(make_login(site.world.workspace, "view_ledger", name="Alma Auditor"))
    assert b"Give a certificate" not in client.get("/certificates/").content
    assert client.get(f"/certificates/{row.pk}/").status_code == 200
    assert client.post("/certificates/give/", {"typed": "a@b.example"}).status_code == 403


def test_reviewers_and_other_workspaces_see_none():
    """DNC-07, IDN-07: who neither keeps the list nor reads the ledger is refused; another workspace has no such row."""
    site = make_sending_site()
    end_day()
    row = certify(site, "jane@acme.example")
    reviewer = log_in(make_login(site.world.workspace, "view_requests", "review_requests", name="Rita Reviewer"))
    for address in ("/certificates/", f"/certificates/{row.pk}/", f"/certificates/{row.pk}/pdf/"):
        assert reviewer.get(address).status_code == 403
    stranger = log_in(make_login(make_workspace("other"), "manage_dnc", "view_ledger", name="Otto Other"))
    assert stranger.get(f"/certificates/{row.pk}/").status_code == 404
