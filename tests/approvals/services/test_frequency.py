"""Frequency caps and the touch ledger: nobody is touched twice, over Lead, Contact and address (LIM-06)."""

from datetime import timedelta

import pytest
from django.db import connection

from approvals.models import AgentActionRequest
from approvals.services import frequency, intake
from approvals.services.batch import submit_batch
from approvals.services.cancel import cancel_request
from approvals.services.claim import claim_request
from approvals.services.expiry import expire_request
from approvals.services.preview import preview_request
from approvals.services.second_gate import pass_second_gate
from approvals.services.sweep import run_due
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from governance.domain.facts import RecipientFacts
from governance.domain.frequency_coherence import MAX_HOURS
from governance.models import FrequencyCap, Touch, TouchKey
from governance.selectors.touches import TouchQuestion, get_frequency_facts
from governance.services.touch_stops import stop_recipient
from tests.approvals.faults.test_fail_closed import table_gone
from tests.approvals.faults.test_races import together
from tests.builders.api import propose
from tests.builders.approvals import execute, get, make_principal, make_proposed, submit, vote
from tests.builders.frequency import make_cap, states
from tests.builders.governance import publish, stray_id
from tests.builders.outward import (
    call_of,
    email_to,
    enrolment_of,
    make_contact,
    make_lead,
    make_sending_site,
    make_sequence,
    meeting_with,
)
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


def capped_site(**cap):
    site = make_sending_site()
    make_cap(site.world, **cap)
    publish(site.world)
    return site


def send(site, **proposal):
    """Propose, approve and carry out; the request as it is then."""
    submission = submit(site, **proposal)
    assert submission.status == "pending", submission
    request = get(submission.request_id)
    vote(site, request)
    assert execute(request.pk) == "executed", get(request.pk).status_code
    return get(request.pk)


def age(request, hours):
    """As if it had left so long ago."""
    at = get_now() - timedelta(hours=hours)
    Touch.objects.filter(request_id=request.pk).update(touched_at=at, reserved_at=at)


def test_a_second_touch_is_denied_and_told_when_it_is_possible():
    site = capped_site()
    contact = make_contact(site)
    send(site, **email_to(contact))

    answer = propose(site, **email_to(contact))

    assert (answer["status"], answer["status_code"]) == ("denied", "frequency_capped")
    assert 47 * 3600 < answer["decision"]["retry_after_seconds"] <= 48 * 3600
    reason = next(item for item in answer["decision"]["reasons"] if item["code"] == "frequency_capped")
    assert reason["check"] == "frequency:not-twice"
    assert "“Not twice”: the next touch of this recipient is possible at" in reason["message"]
    assert "Nobody likes it." in reason["message"]


SPELLINGS = ("jane@acme.example", "JANE@Acme.Example", "jane+news@acme.example", "jane@ACME.example")
IDN = (("j.ane@gmail.com", "jane+x@googlemail.com"),)


@pytest.mark.parametrize(("first", "second"), [*((SPELLINGS[0], other) for other in SPELLINGS), *IDN])
def test_lead_and_contact_with_one_address_in_two_spellings_are_one_person(first, second):
    """Whatever the CRM calls the rows, and however the address is written."""
    site = capped_site()
    send(site, **email_to(make_contact(site, email=first)))

    lead = submit(site, **email_to(make_lead(site, email=second), people="leads"))

    assert lead.status_code == "frequency_capped"


def test_a_call_and_an_email_reach_the_same_person():
    """Addresses that one record holds belong together: a phone call counts against the next e-mail."""
    site = capped_site()
    contact = make_contact(site)
    send(site, **call_of(contact))

    assert submit(site, **email_to(contact)).status_code == "frequency_capped"
    assert submit(site, **email_to(make_lead(site), people="leads")).status_code == "frequency_capped"
    assert submit(site, **email_to(make_contact(site, email="joe@acme.example", phone=""))).status == "pending"


def test_two_agents_share_what_a_person_can_bear():
    """Unless the cap is one agent's own."""
    site = capped_site()
    contact = make_contact(site)
    request = send(site, **email_to(contact))
    Touch.objects.filter(request_id=request.pk).update(agent="agent.other")
    assert submit(site, **email_to(contact)).status_code == "frequency_capped"

    FrequencyCap.objects.update(agent=site.world.agent)
    publish(site.world)

    assert submit(site, **email_to(contact)).status == "pending"


def test_someone_in_copy_is_touched_too():
    site = capped_site()
    send(site, **email_to(make_contact(site), cc=["joe@acme.example"]))

    assert (
        submit(site, **email_to(make_contact(site, email="joe@acme.example", phone=""))).status_code
        == "frequency_capped"
    )


def test_a_window_ends_to_the_hour():
    """A window slides: what left 48 hours ago counts no more."""
    site = capped_site()
    contact = make_contact(site)
    request = send(site, **email_to(contact))

    age(request, 47.9)
    assert submit(site, **email_to(contact)).status_code == "frequency_capped"
    age(request, 48)
    assert submit(site, **email_to(contact)).status == "pending"


def test_a_gap_lies_between_two_touches_of_one_channel():
    site = capped_site(max_touches=None, window_hours=0, min_gap_hours=24, channels=["send_email"])
    contact = make_contact(site)
    request = send(site, **email_to(contact))

    denied = propose(site, **email_to(contact))
    assert denied["status_code"] == "frequency_capped"
    assert 23 * 3600 < denied["decision"]["retry_after_seconds"] <= 24 * 3600
    assert submit(site, **call_of(contact)).status == "pending", "another channel"
    age(request, 24)
    assert submit(site, **email_to(contact)).status == "pending"


def test_a_cap_holds_in_its_environment_and_segment_alone():
    site = capped_site(segment_field="country", segment_value="Germany")
    germans = [make_contact(site, email=f"{name}@acme.example", phone="", country="Germany") for name in "ab"]
    swede = make_contact(site, email="c@acme.example", phone="", country="Sweden")
    for contact in (*germans, swede):
        send(site, **email_to(contact))

    assert submit(site, **email_to(germans[0])).status_code == "frequency_capped"
    assert submit(site, **email_to(swede)).status == "pending"
    assert (
        submit(site, **email_to(make_contact(site, email="a@acme.example", phone=""))).status_code == "frequency_capped"
    )

    FrequencyCap.objects.update(environment="production")
    publish(site.world)
    assert submit(site, **email_to(germans[0])).status == "pending"


def test_a_touch_in_a_sandbox_is_none_in_production():
    site = capped_site()
    contact = make_contact(site)
    request = send(site, **email_to(contact))
    Touch.objects.filter(request_id=request.pk).update(environment="production")

    assert submit(site, **email_to(contact)).status == "pending"


def test_none_at_all_says_that_waiting_is_of_no_use():
    site = capped_site(max_touches=0, window_hours=24, channels=["push_to_dialer"])
    answer = propose(site, **call_of(make_contact(site)))
    assert (answer["status_code"], answer["decision"]["retry_after_seconds"]) == ("frequency_capped", None)


def test_what_waits_for_a_person_holds_its_place():
    """Nobody is asked to approve what could not leave any more."""
    site = capped_site()
    contact = make_contact(site)
    first = submit(site, **email_to(contact))

    assert states(first.request_id) == {"pending"}
    assert submit(site, **email_to(contact)).status_code == "frequency_capped"


@pytest.mark.parametrize("way", ["cancelled", "expired", "denied by a person", "denied at the claim", "failed"])
def test_what_never_leaves_gives_the_person_back(way):
    site = capped_site()
    contact = make_contact(site)
    request = get(submit(site, **email_to(contact)).request_id)
    rows = AgentActionRequest.objects.filter(pk=request.pk)
    if way == "cancelled":
        cancel_request(
            request_id=request.pk, actor=Actor("agent", "a"), reason="", now=get_now(), agent_id=site.world.agent.pk
        )
    elif way == "expired":
        rows.update(expires_at=get_now() - timedelta(seconds=1))
        assert expire_request(request_id=request.pk)
    elif way == "denied by a person":
        vote(site, request, verdict="deny", reason="no")
    else:
        if way == "failed":
            request = get(
                submit(site, **enrolment_of(make_contact(site, email="x@acme.example", phone=""), "99")).request_id
            )
        vote(site, request)
        if way == "denied at the claim":
            rows.update(digest="sha256:" + "0" * 64)
        assert execute(request.pk) == {"failed": "failed"}.get(way, "denied")

    assert states(request.pk) == {"returned"}
    again = contact if way != "failed" else make_contact(site, email="x@acme.example", phone="")
    assert submit(site, **email_to(again)).status == "pending"


def test_a_denied_request_takes_nobody():
    site = capped_site(max_touches=0)
    submit(site, **email_to(make_contact(site)))
    assert (Touch.objects.count(), TouchKey.objects.count()) == (0, 0)


def test_a_preview_takes_nobody():
    site = capped_site()
    contact = make_contact(site)
    found = preview_request(
        principal=make_principal(site.world), proposal=make_proposed(site, **email_to(contact)), now=get_now()
    )
    assert (found.status, Touch.objects.count()) == ("pending", 0)


def test_what_has_left_says_when():
    site = capped_site()
    request = send(site, **email_to(make_contact(site)))
    touched = set(Touch.objects.filter(request_id=request.pk).values_list("state", "touched_at"))
    sent_at = request.attempts.get().sent_at
    assert touched == {("sent", sent_at)}


def test_no_address_is_kept_in_the_ledger():
    site = capped_site()
    send(site, **email_to(make_contact(site)))
    stored = str([list(model.objects.values()) for model in (Touch, TouchKey)])
    assert "jane" not in stored
    assert "acme.example" not in stored
    assert "2025550123" not in stored


def test_an_address_that_was_added_since_is_reserved_at_the_claim():
    """The record as it is now is whom the request would touch."""
    site = capped_site()
    contact = make_contact(site)
    request = get(submit(site, **email_to(contact)).request_id)
    record = CrmRecord.objects.get(crm_object__name="contacts", number=int(contact))
    record.values["phone"] = "+1 202 555 0199"
    record.save()
    vote(site, request)
    assert execute(request.pk) == "executed", get(request.pk).status_code

    assert submit(site, **call_of(make_contact(site, email="new@acme.example", phone="+12025550199"))).status_code == (
        "frequency_capped"
    )


def test_a_stricter_cap_lets_the_first_of_two_approved_ones_go():
    """A cap that was lowered after both were approved: the one that was reserved first leaves, the other waits."""
    site = capped_site(max_touches=2)
    contact = make_contact(site)
    first, second = (get(submit(site, **email_to(contact)).request_id) for _ in range(2))
    for request in (first, second):
        vote(site, request)
    FrequencyCap.objects.update(max_touches=1)
    publish(site.world)

    assert execute(second.pk) == "approved"
    assert get(second.pk).not_before > get_now()
    assert execute(first.pk) == "executed"


class TestStopRules:
    def test_after_a_meeting_nobody_writes_until_a_person_resumes(self):
        site = capped_site(max_touches=None, window_hours=0, stops_after=["meeting_booked"])
        contact = make_contact(site)
        send(site, **meeting_with(contact))

        answer = propose(site, **email_to(make_lead(site), people="leads"))

        assert (answer["status_code"], answer["decision"]["retry_after_seconds"]) == ("recipient_stopped", None)
        assert "a meeting with this recipient is booked" in str(answer["decision"]["reasons"])

    def test_a_meeting_that_is_only_asked_for_stops_nothing(self):
        site = capped_site(max_touches=None, window_hours=0, stops_after=["meeting_booked"])
        contact = make_contact(site)
        submit(site, **meeting_with(contact))
        assert submit(site, **email_to(contact)).status == "pending"

    def test_a_meeting_that_was_taken_back_stops_nothing_and_counts(self):
        site = capped_site(max_touches=None, window_hours=0, stops_after=["meeting_booked"])
        contact = make_contact(site)
        request = send(site, **meeting_with(contact))
        Touch.objects.filter(request_id=request.pk).update(state="undone")
        assert submit(site, **email_to(contact)).status == "pending"

        FrequencyCap.objects.update(max_touches=1, window_hours=24, stops_after=[])
        publish(site.world)
        assert submit(site, **email_to(contact)).status_code == "frequency_capped"

    def test_who_is_in_a_sequence_is_in_no_second_one(self):
        site = capped_site(max_touches=None, window_hours=0, stops_after=["in_sequence"], channels=["enroll_sequence"])
        contact, other = make_contact(site), make_lead(site)
        send(site, **enrolment_of(contact, make_sequence(site)))
        second = {**enrolment_of(other, make_sequence(site, name="Another"))}
        second["target"] = {"object": "leads", "id": other}

        assert submit(site, **second).status_code == "recipient_stopped"
        assert submit(site, **email_to(contact)).status == "pending", "the cap is about sequences"

        CrmRecord.objects.filter(crm_object__name="sequence_enrolments").update(values={"status": "finished"})
        assert submit(site, **second).status == "pending"

    def test_two_enrolments_at_once_are_one(self):
        """An enrolment counts from the moment that it is decided."""
        site = capped_site(max_touches=None, window_hours=0, stops_after=["in_sequence"])
        contact = make_contact(site)
        assert submit(site, **enrolment_of(contact, make_sequence(site))).status == "pending"
        assert submit(site, **enrolment_of(contact, make_sequence(site))).status_code == "recipient_stopped"


def test_items_of_a_batch_count_each_other():
    site = capped_site(max_touches=2)
    contact, lead = make_contact(site), make_lead(site)
    proposals = tuple(
        make_proposed(site, **email_to(to, people=people, subject=f"Number {number}"))
        for number, (to, people) in enumerate([(contact, "contacts"), (lead, "leads"), (contact, "contacts")])
    )

    batch = submit_batch(principal=make_principal(site.world), proposals=proposals, idempotency_key="b", now=get_now())

    assert [item.status_code for item in batch.items] == ["", "", "frequency_capped"]
    assert submit(site, **email_to(contact)).status_code == "frequency_capped"


def test_a_ledger_that_cannot_be_read_denies(monkeypatch):
    site = capped_site()
    contact = make_contact(site)
    request = get(submit(site, **email_to(contact)).request_id)
    vote(site, request)

    def fail(*_, **__):
        raise RuntimeError("gone")

    monkeypatch.setattr(frequency, "get_frequency_facts", fail)

    denied = submit(site, **email_to(contact))
    assert (denied.status, denied.status_code) == ("denied", "check_failed")
    assert execute(request.pk) == "denied"
    assert states(request.pk) == {"returned"}


def test_a_thousand_recipients_are_one_question():
    """One query, whatever their number (SQLite: one for 500 keys)."""
    site = capped_site()
    many = tuple(RecipientFacts(kind="email", address=f"p{number}@acme.example") for number in range(1_000))
    question = TouchQuestion(
        workspace_id=site.world.workspace.pk,
        connection="embedded",
        environment="sandbox",
        recipients=many,
        request_id=stray_id(),
        horizon_hours=48,
    )
    get_frequency_facts([question], now=get_now())
    with captured_statements() as statements:
        (facts,) = get_frequency_facts([question], now=get_now())
    asked = [statement for statement in statements if "governance_touchkey" in statement]
    assert len(facts.people) == 1_000
    assert len(asked) == (1 if connection.vendor == "postgresql" else 2)


def test_what_touches_nobody_asks_nothing_more(monkeypatch):
    """The common update pays nothing for the ledger."""
    site = capped_site()

    def fail(*_, **__):
        raise AssertionError

    monkeypatch.setattr(frequency, "get_frequency_facts", fail)
    monkeypatch.setattr(intake, "touch_guards", fail)
    assert submit(site).status == "approved"


@pytest.mark.django_db(transaction=True)
def test_a_missing_table_denies_and_sends_nothing():
    site = capped_site()
    contact = make_contact(site)
    with table_gone("governance_touch"):
        assert submit(site, **email_to(contact)).status_code == "check_failed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [1, 7])
def test_fifty_at_once_touch_one_person_no_more_than_allowed(size):
    """Lead, Contact and spellings of one address, all at the same moment: the cap holds exactly."""
    site = capped_site(max_touches=size)
    people = [(make_contact(site, email=email), "contacts") for email in SPELLINGS]
    people += [(make_lead(site, email=email), "leads") for email in SPELLINGS]

    def ask(number):
        to, kind = people[number % len(people)]
        return lambda: submit(site, **email_to(to, people=kind))

    answers = together(*[ask(number) for number in range(50)])

    unexpected = [answer for answer in answers if isinstance(answer, Exception)]
    codes = [answer.status_code for answer in answers if not isinstance(answer, Exception)]
    assert unexpected == []
    assert (codes.count(""), codes.count("frequency_capped")) == (size, 50 - size)
    assert Touch.objects.values("request_id").distinct().count() == size


def test_a_stop_after_the_claim_still_stops_the_send():
    """The last look before the call: what is claimed and has not left does not leave, and the person is given back."""
    site = capped_site()
    contact = make_contact(site)
    request = get(submit(site, **email_to(contact)).request_id)
    vote(site, request)
    claim = claim_request(request_id=request.pk, worker="test")
    stop_recipient(
        workspace_id=site.world.workspace.pk,
        address="jane@acme.example",
        reason="A complaint.",
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        now=get_now(),
    )

    assert not pass_second_gate([claim])

    assert (get(request.pk).status, get(request.pk).status_code) == ("cancelled", "recipient_stopped")
    assert states(request.pk) == {"returned"}


def test_what_no_window_can_look_at_any_more_is_swept():
    """LIM-06: rows that ended go after the widest window; what is pending, and what a stop rule may ask for, stays."""
    site = capped_site()
    call = submit(site, **call_of(make_contact(site)))
    old = get_now() - timedelta(hours=MAX_HOURS + 1)
    kept = Touch.objects.filter(request_id=call.request_id).first()
    ends = (
        ("sent", "push_to_dialer", old),
        ("returned", "push_to_dialer", None),
        ("undone", "create_meeting", old),
        ("pending", "push_to_dialer", None),
        ("sent", "create_meeting", old),
        ("sent", "enroll_sequence", old),
        ("sent", "push_to_dialer", get_now()),
    )
    for state, action, at in ends:
        Touch.objects.create(
            key=kept.key,
            request_id=stray_id(),
            person_number=0,
            action=action,
            environment="sandbox",
            state=state,
            reserved_at=old,
            touched_at=at,
        )
    run_due(worker="test")
    left = Touch.objects.filter(reserved_at=old).order_by("action", "state").values_list("state", "action")
    assert list(left) == [
        ("sent", "create_meeting"),
        ("sent", "enroll_sequence"),
        ("pending", "push_to_dialer"),
        ("sent", "push_to_dialer"),
    ]
    assert Touch.objects.filter(request_id=call.request_id).exists()
    assert TouchKey.objects.exists(), "a key's version never falls"
