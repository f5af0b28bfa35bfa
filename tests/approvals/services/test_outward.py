"""What leaves the house: resolved, judged, held, sent once, taken back where that can be (APR-11, APR-14, EXE-01)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from approvals.models import AgentActionRequest, Attempt
from approvals.services.cancel import cancel_request
from approvals.services.held import cancel_stopped_hold
from approvals.services.revert import IrreversibleError, revert_request
from approvals.services.sweep import run_due
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.embedded.connector import EmbeddedConnector
from crm_connectors.models import CrmRecord
from crm_connectors.services.embedded_edit import edit_record
from tests.builders.api import Site
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.governance import make_switch
from tests.builders.outward import (
    call_of,
    email_to,
    enrolment_of,
    export_of,
    mail_of,
    make_contact,
    make_sending_site,
    make_sequence,
    meeting_with,
)
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, SimulatedCrash, serve_through

pytestmark = pytest.mark.django_db(transaction=True)


def approve(site: Site, **proposal: Any) -> AgentActionRequest:
    submission = submit(site, **proposal)
    assert submission.status == "pending", submission.decision
    request = get(submission.request_id)
    vote(site, request)
    return get(request.pk)


def made(object_type: str) -> list[dict[str, Any]]:
    rows = CrmRecord.objects.filter(crm_object__name=object_type, archived_at__isnull=True)
    return [row.values for row in rows]


def denial(site: Site, **proposal: Any) -> str:
    submission = submit(site, **proposal)
    assert submission.status == "denied"
    return submission.status_code


def pass_window(request: AgentActionRequest) -> None:
    AgentActionRequest.objects.filter(pk=request.pk).update(not_before=F("not_before") - timedelta(days=1))


class TestSending:
    def test_an_email_shows_its_address_waits_for_a_person_and_leaves_once(self) -> None:
        site = make_sending_site()
        contact = make_contact(site, additional_emails="j@old.example")
        submission = submit(site, **email_to(contact, cc=["boss@acme.example"]))
        assert submission.status == "pending", submission.status_code
        request = get(submission.request_id)
        assert {row["field"]: row["after"] for row in request.patch} == {
            "to": "jane@acme.example",
            "cc": "boss@acme.example",
            "subject": "Your question",
            "body": "Here is the answer.",
        }
        assert [item["address"] for item in request.facts["recipients"]] == [
            "jane@acme.example",
            "j@old.example",
            "+1 202 555 0123",
            "boss@acme.example",
        ]
        assert request.facts["request"]["message"]["subject"] == "Your question"
        vote(site, request)
        assert execute(request.pk) == "executed"
        assert execute(request.pk) == "executed"
        message = mail_of(site, request.pk) or ""
        assert "To: jane@acme.example" in message
        assert "Cc: boss@acme.example" in message
        assert f"Message-ID: <request-{request.pk}@" in message
        assert made("emails")[0]["delivery"] == "delivered"

    def test_an_email_takes_a_person_even_where_its_tier_would_not(self) -> None:
        """APR-11: what cannot be taken back always needs approval."""
        site = make_sending_site(risk_tier="autonomous")
        submission = submit(site, **email_to(make_contact(site)))
        assert submission.status == "pending"
        assert "irreversible" in {check.code for check in submission.decision.reasons}  # type: ignore[union-attr]

    def test_an_address_of_its_own_needs_no_record(self) -> None:
        site = make_sending_site()
        proposal = email_to("") | {"target": {"address": "new@acme.example"}}
        request = approve(site, **proposal)
        assert execute(request.pk) == "executed"
        assert "To: new@acme.example" in (mail_of(site, request.pk) or "")

    def test_an_email_that_left_is_not_taken_back(self) -> None:
        site = make_sending_site()
        request = approve(site, **email_to(make_contact(site)))
        execute(request.pk)
        with pytest.raises(IrreversibleError, match="cannot be called back"):
            self.revert(site, request)

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"email": None}, "recipient_missing"),
            ({"additional_emails": "jane(at)acme.example"}, "recipient_invalid"),
            ({"additional_emails": "j\u0430ne@acme.example"}, "recipient_invalid"),
        ],
    )
    def test_a_person_who_cannot_be_reached_without_doubt_is_not_written_to(self, values: Any, code: str) -> None:
        site = make_sending_site()
        assert denial(site, **email_to(make_contact(site, **values))) == code

    def test_a_record_that_is_not_there_has_no_address(self) -> None:
        site = make_sending_site()
        assert denial(site, **email_to("999")) == "recipient_missing"

    def test_addresses_that_cannot_be_read_deny(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Fail closed."""
        site = make_sending_site()
        faulty = FaultySwitchboard()
        serve_through(monkeypatch, faulty.wrap)
        contact = make_contact(site)
        faulty.plan("read", Fault.TRANSIENT)
        assert denial(site, **email_to(contact)) == "check_failed"

    @pytest.mark.parametrize(
        ("make", "object_type", "field", "value"),
        [
            (
                lambda site, contact: enrolment_of(contact, make_sequence(site)),
                "sequence_enrolments",
                "status",
                "active",
            ),
            (lambda _, contact: meeting_with(contact), "meetings", "invitee", "jane@acme.example"),
            (lambda _, contact: call_of(contact), "dialer_entries", "phone", "+1 202 555 0123"),
            (lambda *_: export_of("email", "lastname"), "exports", "rows", 1),
        ],
    )
    def test_everything_else_is_done_and_taken_back(self, make: Any, object_type: str, field: str, value: Any) -> None:
        """RVT-05: un-enrolled, uninvited, out of the queue, deleted."""
        site = make_sending_site()
        request = approve(site, **make(site, make_contact(site)))
        assert execute(request.pk) == "executed", get(request.pk).status_code
        assert made(object_type)[0][field] == value
        revert = self.revert(site, request)
        assert execute(revert) == "executed", get(revert).status_code
        assert made(object_type) == []
        assert get(request.pk).status == "reverted"

    def revert(self, site: Site, request: AgentActionRequest) -> Any:
        world = site.world
        submission = revert_request(
            request_id=request.pk,
            person_id=world.approver.pk,
            user_id=world.approver_user.pk,
            reason="not wanted",
            now=get_now(),
        )
        assert submission.status == "approved", submission.decision
        return submission.request_id


class TestAddresseeChanges:
    def move(self, site: Site, contact: str, **values: Any) -> None:
        edit_record(
            connection_id=site.connection_id,
            object_type="contacts",
            record_id=contact,
            values=values,
            actor="human:ana",
            now=get_now(),
        )

    def test_an_address_changed_after_the_vote_goes_back_to_a_person(self) -> None:
        """Attack case 54: resolved again at the claim; another address is another patch."""
        site = make_sending_site()
        contact = make_contact(site)
        request = approve(site, **email_to(contact))
        self.move(site, contact, email="jane@rival.example")
        assert execute(request.pk) == "pending"
        row = get(request.pk)
        assert row.status_code == "patch_changed"
        assert {item["field"]: item["after"] for item in row.patch}["to"] == "jane@rival.example"
        assert mail_of(site, request.pk) is None

    def test_a_further_address_that_cannot_be_understood_stops_it_at_the_claim(self) -> None:
        """Attack case 55."""
        site = make_sending_site()
        contact = make_contact(site)
        request = approve(site, **email_to(contact))
        self.move(site, contact, additional_emails='"jane"@acme.example')
        assert execute(request.pk) == "denied"
        assert mail_of(site, request.pk) is None

    def test_an_address_changed_between_claim_and_send_is_a_conflict(self, monkeypatch: pytest.MonkeyPatch) -> None:
        site = make_sending_site()
        contact = make_contact(site)
        request = approve(site, **email_to(contact))
        reads: list[int] = []
        original = EmbeddedConnector.read

        def read(connector: EmbeddedConnector, **asked: Any) -> Any:
            found = original(connector, **asked)
            reads.append(1)
            if len(reads) == 1:
                self.move(site, contact, email="jane@rival.example")
            return found

        monkeypatch.setattr(EmbeddedConnector, "read", read)
        assert execute(request.pk) == "conflict"
        assert get(request.pk).status_code == "recipient_changed"
        assert mail_of(site, request.pk) is None


class TestWindow:
    def test_an_approved_send_is_held_and_leaves_when_its_window_is_over(self) -> None:
        """APR-14."""
        site = make_sending_site(hold_seconds=600)
        request = approve(site, **email_to(make_contact(site)))
        assert execute(request.pk) == "held"
        held = get(request.pk)
        assert held.not_before is not None
        assert timedelta(minutes=9) < held.not_before - get_now() <= timedelta(minutes=10)
        assert execute(request.pk) == "held"
        assert mail_of(site, request.pk) is None
        pass_window(request)
        run_due(worker="test")
        assert get(request.pk).status == "executed", get(request.pk).status_code
        assert mail_of(site, request.pk)
        types = LedgerEvent.objects.filter(subject_id=str(request.pk)).values_list("type", flat=True)
        assert {"request.held", "request.window_passed", "request.sent"} <= set(types)

    def test_a_cancelled_send_never_leaves(self) -> None:
        site = make_sending_site(hold_seconds=600)
        request = approve(site, **email_to(make_contact(site)))
        execute(request.pk)
        cancel_request(
            request_id=request.pk,
            actor=Actor("human", str(site.world.approver.pk)),
            reason="typo",
            now=get_now(),
            user_id=site.world.approver_user.pk,
        )
        pass_window(request)
        run_due(worker="test")
        assert get(request.pk).status == "cancelled"
        assert mail_of(site, request.pk) is None

    @pytest.mark.parametrize("kind", ["all", "send"])
    def test_a_stop_cancels_what_is_held(self, kind: str) -> None:
        """KIL-02."""
        site = make_sending_site(hold_seconds=600)
        request = approve(site, **email_to(make_contact(site)))
        execute(request.pk)
        make_switch(site.world.workspace, kind)
        pass_window(request)
        assert execute(request.pk) == "held"
        assert cancel_stopped_hold(request_id=request.pk, now=get_now())
        assert get(request.pk).status_code == f"switch_{kind}"
        assert mail_of(site, request.pk) is None

    def test_a_window_outlasts_the_expiry_of_an_approval_given_in_time(self) -> None:
        site = make_sending_site(hold_seconds=600)
        request = approve(site, **email_to(make_contact(site)))
        AgentActionRequest.objects.filter(pk=request.pk).update(expires_at=get_now() + timedelta(seconds=30))
        assert execute(request.pk) == "held"
        expires_at, not_before = get(request.pk).expires_at, get(request.pk).not_before
        assert expires_at is not None
        assert not_before is not None
        assert expires_at > not_before

    def test_an_action_without_a_window_runs_at_once(self) -> None:
        site = make_sending_site()
        request = approve(site, **call_of(make_contact(site)))
        assert execute(request.pk) == "executed"


class TestSwitches:
    @pytest.mark.parametrize(
        ("kind", "code", "still_goes"), [("send", "send_off", False), ("enroll", "enroll_off", True)]
    )
    def test_new_enrolments_are_denied_and_emails_by_the_send_switch_alone(
        self, kind: str, code: str, still_goes: bool
    ) -> None:
        """KIL-01."""
        site = make_sending_site()
        contact, sequence = make_contact(site), make_sequence(site)
        make_switch(site.world.workspace, kind)
        assert denial(site, **enrolment_of(contact, sequence)) == code
        assert submit(site, **email_to(contact)).status == ("pending" if still_goes else "denied")
        assert submit(site, **export_of("email")).status == "pending"

    def test_an_approved_send_waits_at_the_claim(self) -> None:
        site = make_sending_site()
        request = approve(site, **email_to(make_contact(site)))
        make_switch(site.world.workspace, "send")
        assert execute(request.pk) == "approved"
        assert mail_of(site, request.pk) is None

    def test_the_second_gate_stops_a_send_that_was_claimed_already(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """KIL-01: engaged after the claim, before the message."""
        site = make_sending_site()
        request = approve(site, **email_to(make_contact(site)))
        original = EmbeddedConnector.guarantee

        def engage_first(connector: EmbeddedConnector, operation: Any) -> Any:
            if not site.world.workspace.kill_switches.exists():
                make_switch(site.world.workspace, "send")
            return original(connector, operation)

        monkeypatch.setattr(EmbeddedConnector, "guarantee", engage_first)
        assert execute(request.pk) == "cancelled"
        assert get(request.pk).status_code == "switch_send"
        assert mail_of(site, request.pk) is None


class TestAtMostOnce:
    """Class C: whatever nobody knows waits for a person, and is never sent again by itself."""

    @pytest.fixture
    def faulty(self, monkeypatch: pytest.MonkeyPatch) -> FaultySwitchboard:
        board = FaultySwitchboard()
        serve_through(monkeypatch, board.wrap)
        return board

    def settle(self, request: AgentActionRequest) -> AgentActionRequest:
        for _ in range(3):
            AgentActionRequest.objects.filter(pk=request.pk, status="unknown").update(not_before=None)
            run_due(worker="test")
        return get(request.pk)

    def sends(self, faulty: FaultySwitchboard) -> int:
        return sum(call[0] == "send" for call in faulty.calls)

    def test_a_time_out_after_the_message_left_is_found_again(self, faulty: FaultySwitchboard) -> None:
        site = make_sending_site()
        request = approve(site, **email_to(make_contact(site)))
        faulty.plan("send", Fault.TIMEOUT_AFTER_APPLY)
        assert execute(request.pk) == "unknown"
        assert self.settle(request).status == "executed"
        assert self.sends(faulty) == 1

    def test_a_time_out_without_a_trace_waits_for_a_person(self, faulty: FaultySwitchboard) -> None:
        site = make_sending_site()
        request = approve(site, **email_to(make_contact(site)))
        faulty.plan("send", Fault.TIMEOUT_WITHOUT_APPLY)
        assert execute(request.pk) == "unknown"
        row = self.settle(request)
        assert (row.status, row.status_code) == ("unknown", "needs_person")
        assert mail_of(site, request.pk) is None

    def test_a_worker_that_dies_after_the_send_sends_no_second_time(self, faulty: FaultySwitchboard) -> None:
        site = make_sending_site()
        request = approve(site, **email_to(make_contact(site)))
        faulty.plan("send", Fault.CRASH_AFTER_APPLY)
        with pytest.raises(SimulatedCrash):
            execute(request.pk)
        Attempt.objects.filter(request=request).update(worker="gone")
        run_due(worker="test")
        row = self.settle(request)
        assert row.status == "executed", row.status_code
        assert self.sends(faulty) == 1

    def test_the_intent_is_under_a_signed_checkpoint_before_anything_leaves(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site = make_sending_site()
        request = approve(site, **email_to(make_contact(site)))

        def broken(**_: Any) -> int:
            raise OSError("no key")

        monkeypatch.setattr("approvals.services.intent_proof.maintain_ledger", broken)
        assert execute(request.pk) == "approved"
        assert get(request.pk).status_code == "intent_not_proven"
        assert mail_of(site, request.pk) is None

    def test_a_message_that_was_recorded_and_not_delivered_is_for_a_person(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The process died between the record and the message."""
        site = make_sending_site()
        request = approve(site, **email_to(make_contact(site)))

        def full(*_: Any) -> None:
            raise OSError("no space left")

        with monkeypatch.context() as patch:
            patch.setattr("crm_connectors.embedded.mailing.deliver_message", full)
            assert execute(request.pk) == "unknown"
        row = self.settle(request)
        assert (row.status, row.status_code) == ("unknown", "needs_person")
        assert mail_of(site, request.pk) is None


class TestExport:
    def test_only_what_the_agent_may_read_in_clear_leaves(self) -> None:
        """PRM-03, attack case 103."""
        site = make_sending_site()
        make_contact(site)
        assert denial(site, **export_of("email", "phone")) == "export_not_granted"
        assert denial(site, **export_of("email", filters={"phone": "+1 202 555 0123"})) == "export_not_granted"
        assert denial(site, **export_of("email", "made_up")) == "export_not_granted"

    def test_more_rows_than_the_tier_allows_are_denied(self) -> None:
        site = make_sending_site()
        assert denial(site, **export_of("email", row_limit=1_001)) == "export_too_large"
