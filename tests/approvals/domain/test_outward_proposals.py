"""Proposals that reach people: strict members, and addresses that could mean two things are refused (cases 42-57)."""

from typing import Any

import pytest

from approvals.domain.proposal_parsing import InvalidProposalError, parse_proposal
from approvals.domain.strict_json import UnacceptableJsonError
from tests.builders.api import make_body
from tests.builders.outward import call_of, email_to, enrolment_of, export_of, meeting_with


def refusal(**changes: Any) -> tuple[str, str]:
    with pytest.raises((InvalidProposalError, UnacceptableJsonError)) as caught:
        parse_proposal(make_body(**changes))
    return caught.value.code, caught.value.pointer


HOSTILE = [
    "jane@acme.example\r\nBcc: x@y.example",
    "jane@acme.example, bob@acme.example",
    "mailto:jane@acme.example",
    '"jane"@acme.example',
    "jane%2e@acme.example",
    "\u202ejane@acme.example",
    "ja\u200bne@acme.example",
    "ｊａｎｅ@acme.example",
    "j\u0430ne@acme.example",
    "jane@acme.example.",
]


@pytest.mark.parametrize("address", HOSTILE)
@pytest.mark.parametrize("member", ["cc", "bcc"])
def test_a_hostile_address_is_no_recipient_wherever_it_stands(address: str, member: str) -> None:
    """Case 53: every member that bears a recipient is looked at."""
    assert refusal(**email_to("1", **{member: [address]})) == ("invalid_recipient", f"/message/{member}/0")


@pytest.mark.parametrize("address", HOSTILE)
def test_nor_as_target_sender_or_attendee(address: str) -> None:
    target = {"target": {"address": address}}
    assert refusal(**{**email_to("1"), **target}) == ("invalid_recipient", "/target/address")
    assert refusal(**email_to("1", sender=address)) == ("invalid_recipient", "/message/sender")
    assert refusal(**meeting_with("1", attendees=[address])) == ("invalid_recipient", "/meeting/attendees/0")


@pytest.mark.parametrize("number", ["4155552671", "+1 4I5 555 2671", "tel:+14155552671", "001 415 555 2671"])
def test_a_number_that_needs_guessing_is_no_recipient(number: str) -> None:
    assert refusal(**{**call_of("1"), "target": {"address": number}}) == ("invalid_recipient", "/target/address")


@pytest.mark.parametrize("subject", ["Hi\r\nBcc: x@y.example", "Hi \u202eevil", "Hi\u200b"])
def test_a_subject_holds_nothing_unseen(subject: str) -> None:
    assert refusal(**email_to("1", subject=subject)) == ("invalid_unicode", "/message/subject")


@pytest.mark.parametrize(
    "target", [{}, {"object": "contacts"}, {"id": "1"}, {"object": "contacts", "id": "1", "address": "a@b.example"}]
)
def test_a_target_is_a_record_or_an_address(target: dict[str, str]) -> None:
    assert refusal(**{**email_to("1"), "target": target}) == ("invalid_value", "/target")


@pytest.mark.parametrize(
    ("proposal", "pointer"),
    [
        (email_to("1", to="jane@acme.example"), "/message/to"),
        (email_to("1", headers={"X": "y"}), "/message/headers"),
        ({**email_to("1"), "changes": {"to": "x@y.example"}}, "/changes"),
        (meeting_with("1", invitee="x@y.example"), "/meeting/invitee"),
        (export_of("email", path="/etc/passwd"), "/export/path"),
    ],
)
def test_members_that_nobody_described_are_refused(proposal: dict[str, Any], pointer: str) -> None:
    assert refusal(**proposal) == ("unknown_field", pointer)


def test_a_meeting_ends_after_it_starts_in_a_time_zone_that_exists() -> None:
    assert refusal(**meeting_with("1", ends_at="2031-05-18T09:00:00Z")) == ("invalid_value", "/meeting/ends_at")
    assert refusal(**meeting_with("1", time_zone="Mars/Base")) == ("invalid_value", "/meeting/time_zone")
    assert refusal(**meeting_with("1", time_zone="../../etc/passwd")) == ("invalid_value", "/meeting/time_zone")


def test_what_is_written_bears_the_names_of_its_fields() -> None:
    proposed = parse_proposal(make_body(**email_to("7", cc=["a@b.example", "c@d.example"])))
    assert (proposed.target_object, proposed.target_id) == ("contacts", "7")
    assert proposed.changes == {
        "subject": "Your question",
        "body": "Here is the answer.",
        "cc": "a@b.example, c@d.example",
    }
    proposed = parse_proposal(make_body(**{**email_to("7"), "target": {"address": "a@b.example"}}))
    assert (proposed.target_object, proposed.target_id, proposed.changes["to"]) == ("emails", None, "a@b.example")
    assert parse_proposal(make_body(**enrolment_of("7", "101"))).changes == {"sequence": "101"}
    exported = parse_proposal(make_body(**export_of("email", filters={"country": "Norway"}))).changes
    assert exported["filters"] == '{"country": "Norway"}'
