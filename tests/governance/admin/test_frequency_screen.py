"""Frequency caps and "what reached somebody" in the console: who may look, who may stop and resume (LIM-06)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import FrequencyCap, Person, RuleTally, TouchKey
from governance.services.rule_hits import count_rule_hits
from tests.builders.api import propose
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.console import log_in, make_login, text_of
from tests.builders.frequency import make_cap
from tests.builders.governance import make_workspace, publish
from tests.builders.outward import email_to, make_contact, make_lead, make_sending_site, meeting_with

pytestmark = pytest.mark.django_db
CAPS = reverse("admin:governance_frequencycap_changelist")
PEOPLE = reverse("admin:governance_frequencycap_people")
HOSTILE = "<script>alert(1)</script> asked"


@pytest.fixture
def site():
    site = make_sending_site()
    make_cap(site.world)
    publish(site.world)
    return site


def manager_of(site, *permissions):
    return log_in(make_login(site.world.workspace, *(permissions or ("view_requests", "review_requests"))))


def ask(client, address, **members):
    return client.post(PEOPLE, {"address": address, **members})


def send(site, **proposal):
    request = get(submit(site, **proposal).request_id)
    vote(site, request)
    assert execute(request.pk) == "executed"
    return request


def test_what_reached_somebody_is_found_by_any_spelling_and_any_of_their_addresses(site):
    """One person: the phone number tells of the e-mail, and says when the next touch is possible."""
    request = send(site, **email_to(make_contact(site)))
    client = manager_of(site)

    for address in ("JANE+x@acme.example", "+1 (202) 555-0123"):
        page = ask(client, address)
        text = text_of(page)
        assert "1 of 1 taken" in text
        assert "The next touch is possible on" in text
        assert reverse("approvals:trace", args=[request.pk]) in page.content.decode()
        assert "no-store" in page["Cache-Control"]
    assert "Nothing reached this address" in text_of(ask(client, "joe@acme.example"))


def test_who_may_not_see_requests_sees_nobody_s_touches(site):
    """Refusals: without the permission, in another workspace, without a login."""
    stranger = log_in(make_login(make_workspace("other"), "view_requests", "review_requests", name="Otto Other"))
    assert manager_of(site, "edit_policy").get(PEOPLE).status_code == 403
    assert "Nothing reached" in text_of(ask(stranger, "jane@acme.example"))
    assert stranger.get(f"{PEOPLE}?workspace=acme").context["workspace"].slug == "other"
    assert log_in(make_login(site.world.workspace, name="Nora Nobody")).get(CAPS).status_code == 403


def test_a_stop_by_hand_holds_over_lead_and_contact_until_somebody_resumes(site):
    """Both deeds are on record, with a reason that can be erased, and no address."""
    FrequencyCap.objects.update(max_touches=9)
    publish(site.world)
    send(site, **email_to(make_contact(site)))
    client = manager_of(site)

    page = ask(client, "+12025550123", deed="stop", reason=HOSTILE)

    assert "Stopped: nobody touches this recipient" in text_of(page)
    assert b"<script>alert(1)" not in page.content
    answer = propose(site, **email_to(make_lead(site), people="leads"))
    assert (answer["status_code"], answer["decision"]["retry_after_seconds"]) == ("recipient_stopped", None)
    assert "Resumed:" in text_of(ask(client, "jane@acme.example", deed="resume", reason="They called."))
    assert submit(site, **email_to(make_lead(site), people="leads")).status == "pending"
    told = LedgerEvent.objects.filter(type__in=["recipient.stopped", "recipient.resumed"]).order_by("id")
    assert [event.type for event in told] == ["recipient.stopped", "recipient.resumed"]
    assert all(b"jane" not in bytes(event.body) and b"2025550123" not in bytes(event.body) for event in told)


def test_a_stop_reaches_what_is_approved_already(site):
    """It bites at the claim, and no policy need be published for it."""
    request = get(submit(site, **email_to(make_contact(site))).request_id)
    vote(site, request)
    ask(manager_of(site), "jane@acme.example", deed="stop", reason="A complaint.")

    assert execute(request.pk) == "denied"
    assert get(request.pk).status_code == "recipient_stopped"


def test_resuming_ends_what_a_booked_meeting_stopped(site):
    FrequencyCap.objects.update(max_touches=None, window_hours=0, stops_after=["meeting_booked"])
    publish(site.world)
    contact = make_contact(site)
    send(site, **meeting_with(contact))
    client = manager_of(site)
    assert "No touch until a person resumes" in text_of(ask(client, "jane@acme.example"))

    ask(client, "jane@acme.example", deed="resume", reason="After the meeting.")

    assert submit(site, **email_to(contact)).status == "pending"


@pytest.mark.parametrize("deed", ["stop", "resume"])
def test_who_may_only_look_stops_and_resumes_nobody(site, deed):
    reader = manager_of(site, "view_requests")
    assert "Stop all touches" not in text_of(ask(reader, "jane@acme.example"))
    assert ask(reader, "jane@acme.example", deed=deed, reason="x").status_code == 403
    assert TouchKey.objects.count() == 0


def test_a_deed_without_reason_or_address_says_what_is_missing(site):
    client = manager_of(site)
    assert "Say why" in text_of(ask(client, "jane@acme.example", deed="stop", reason="  "))
    assert "It is" in text_of(ask(client, "jane", deed="stop", reason="x"))
    assert "Type an address" in text_of(ask(client, ""))
    assert TouchKey.objects.count() == 0


def test_caps_tell_what_they_say_and_how_often_they_held_back(site):
    contact = make_contact(site)
    send(site, **email_to(contact))
    submit(site, **email_to(contact))
    workspace_id = site.world.workspace.pk
    count_rule_hits(workspace_id=workspace_id, now=get_now() + timedelta(minutes=1))

    text = text_of(log_in(make_login(site.world.workspace, "edit_policy")).get(CAPS))
    assert "At most 1 touch in any 2 days." in text
    assert "Not twice" in text
    assert RuleTally.objects.get(key="frequency:not-twice").hits == 1
    assert "none yet" not in text


def test_a_cap_that_limits_nothing_is_refused_at_its_field(site):
    """The form says what publishing would refuse."""
    editor = log_in(make_login(site.world.workspace, "edit_policy", name="Edda Editor"))
    values = {
        "workspace": site.world.workspace.pk,
        "name": "Empty",
        "key": "empty",
        "reason": "x",
        "owner": Person.objects.first().pk,
        "window_hours": 0,
        "min_gap_hours": 0,
    }
    page = editor.post(reverse("admin:governance_frequencycap_add"), values)
    assert "It limits nothing yet" in text_of(page)
    assert editor.post(reverse("admin:governance_frequencycap_add"), {**values, "min_gap_hours": 4}).status_code == 302
    cap = FrequencyCap.objects.get(key="empty")
    assert (cap.min_gap_hours, cap.channels, cap.stops_after) == (4, [], [])
    assert LedgerEvent.objects.filter(type="config.changed", subject_id=str(cap.pk)).count() == 1


def test_whoever_may_only_look_at_caps_edits_none(site):
    auditor = log_in(make_login(site.world.workspace, "view_ledger", name="Aldo Auditor"))
    assert auditor.get(CAPS).status_code == 200
    assert auditor.get(reverse("admin:governance_frequencycap_add")).status_code == 403
    cap = FrequencyCap.objects.get()
    auditor.post(reverse("admin:governance_frequencycap_change", args=[cap.pk]), {"max_touches": 9})
    cap.refresh_from_db()
    assert cap.max_touches == 1
    assert get_now() > cap.history.latest().history_date
