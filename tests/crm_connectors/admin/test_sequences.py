"""Sequences in the console: a person holds back one enrolment or all of a sequence, and a stop holds back everyone."""

import pytest
from django.test import Client

from audit.models import LedgerEvent
from crm_connectors.models import CrmRecord
from governance.models import KillSwitch
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.console import make_login, text_of
from tests.builders.governance import make_switch
from tests.builders.outward import enrolment_of, make_contact, make_sending_site, make_sequence

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "/admin/crm_connectors"


@pytest.fixture
def site():
    """A site with one running enrolment."""
    site = make_sending_site()
    submission = submit(site, **enrolment_of(make_contact(site), make_sequence(site)))
    vote(site, get(submission.request_id))
    assert execute(submission.request_id) == "executed"
    return site


def log_in(user):
    client = Client()
    client.force_login(user)
    return client


def record(name):
    return CrmRecord.objects.get(crm_object__name=name)


@pytest.mark.parametrize(
    ("kind", "name", "event", "words"),
    [
        ("sequence", "sequences", "sequence", "paused with its sequence"),
        ("sequenceenrolment", "sequence_enrolments", "enrolment", "paused by a person"),
    ],
)
def test_a_person_pauses_and_resumes_with_a_reason(site, kind, name, event, words):
    client = log_in(site.world.approver_user)
    address = f"{BASE}/{kind}/{record(name).pk}/"
    assert "Pause…" in text_of(client.get(f"{address}change/"))
    client.post(f"{address}pause/", {"reason": ""})
    assert record(name).values["status"] == "active"
    assert client.post(f"{address}pause/", {"reason": "on holiday"}).status_code == 302
    assert record(name).values["status"] == "paused"
    assert words in text_of(client.get(f"{BASE}/sequenceenrolment/"))
    assert "Resume…" in text_of(client.get(f"{address}change/"))
    assert client.post(f"{address}pause/", {"reason": "back"}).status_code == 302
    assert "running" in text_of(client.get(f"{BASE}/sequenceenrolment/"))
    told = LedgerEvent.objects.filter(type__startswith=f"{event}.").order_by("id").values_list("type", flat=True)
    assert list(told) == [f"{event}.paused", f"{event}.resumed"]


def test_who_may_only_look_pauses_nothing(site):
    viewer = log_in(make_login(site.world.workspace, "view_requests"))
    address = f"{BASE}/sequence/{record('sequences').pk}/"
    assert "Pause…" not in text_of(viewer.get(f"{address}change/"))
    assert viewer.post(f"{address}pause/", {"reason": "because"}).status_code == 403
    assert record("sequences").values["status"] == "active"


def test_a_stop_holds_enrolments_back_until_it_is_lifted(site):
    """KIL-01: visible, and over with the stop."""
    client = log_in(site.world.approver_user)
    for kind, words in (("all", "everything is stopped"), ("send", "sending is off"), ("enroll", "enrolling is off")):
        make_switch(site.world.workspace, kind)
        assert f"paused: {words}" in text_of(client.get(f"{BASE}/sequenceenrolment/"))
        KillSwitch.objects.all().delete()
    assert "running" in text_of(client.get(f"{BASE}/sequenceenrolment/"))


def test_the_form_of_a_sequence_never_changes_its_status(site):
    """Pausing has a reason and an event; the form would have neither."""
    row = record("sequences")
    client = log_in(site.world.approver_user)
    form = {"version": row.version, "name": "Renamed", "steps": row.values["steps"], "status": "paused"}
    assert client.post(f"{BASE}/sequence/{row.pk}/change/", form).status_code == 302
    assert (record("sequences").values["name"], record("sequences").values["status"]) == ("Renamed", "active")


def test_a_reviewer_reads_the_name_of_the_sequence(site):
    """APR-03: an id tells a person nothing."""
    submission = submit(
        site, **enrolment_of(make_contact(site, email="joe@acme.example"), str(record("sequences").number))
    )
    page = log_in(site.world.approver_user).get(f"/review/{submission.request_id}/")
    row = record("sequences")
    assert f"{row.values['name']} ({row.number})" in text_of(page)
