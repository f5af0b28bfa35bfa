"""Whom an action touches: everyone it names, with every address that the CRM holds (attack cases 53-55)."""

import pytest

from approvals.domain.message import message_of
from approvals.domain.recipients import needs_addresses, with_recipients
from governance.domain.facts import RecipientFacts, RecordFacts
from tests.builders.policy import make_facts, make_request

FIELDS = (("email", "email"), ("email", "additional_emails"), ("phone", "phone"), ("phone", "mobilephone"))
HELD = RecordFacts(
    exists=True,
    values={
        "email": "jane@acme.example",
        "additional_emails": "j.doe@acme.example; jane@old.example",
        "phone": "+1 202 555 0123",
        "mobilephone": None,
    },
)


def asked(action="send_email", target_id="7", **changes):
    request = make_request(
        action=action, object="emails", record_id=None, target_object="contacts", target_id=target_id, changes=changes
    )
    return make_facts(request, record=None)


def addresses(facts):
    return [recipient.address for recipient in facts.recipients]


def test_all_addresses_of_the_record_are_facts_and_the_first_one_is_used():
    facts = with_recipients(asked(subject="Hi"), FIELDS, HELD)
    assert addresses(facts) == [
        "jane@acme.example",
        "j.doe@acme.example",
        "jane@old.example",
        "+1 202 555 0123",
    ]
    assert facts.recipients[0] == RecipientFacts(
        kind="email", address="jane@acme.example", object="contacts", record_id="7"
    )
    assert facts.request.changes == {"subject": "Hi", "to": "jane@acme.example"}


@pytest.mark.parametrize(
    ("action", "field", "address"),
    [
        ("enroll_sequence", "email", "jane@acme.example"),
        ("create_meeting", "invitee", "jane@acme.example"),
        ("push_to_dialer", "phone", "+1 202 555 0123"),
    ],
)
def test_every_action_uses_the_kind_of_address_it_needs(action, field, address):
    assert with_recipients(asked(action), FIELDS, HELD).request.changes == {field: address}


@pytest.mark.parametrize("field", ["cc", "bcc", "attendees"])
def test_whoever_is_named_besides_counts_as_much(field):
    facts = with_recipients(asked(**{field: "legal@x.example, boss@y.example"}), FIELDS, HELD)
    assert addresses(facts)[-2:] == ["legal@x.example", "boss@y.example"]


def test_an_address_that_the_agent_gave_stands_for_itself():
    facts = with_recipients(asked(target_id="", to="jane@acme.example"), (), None)
    assert facts.recipients == (RecipientFacts(kind="email", address="jane@acme.example"),)


def test_a_record_that_could_not_be_read_leaves_the_recipients_unknown():
    assert with_recipients(asked(), FIELDS, None).recipients is None


def test_a_record_that_is_gone_has_no_addresses_and_what_was_used_before_goes():
    facts = with_recipients(asked(to="old@acme.example", subject="Hi"), FIELDS, RecordFacts(exists=False))
    assert facts.recipients == ()
    assert facts.request.changes == {"subject": "Hi"}


def test_an_address_that_changed_takes_the_place_of_the_earlier_one():
    """Case 54: resolved again, the patch is another one and needs another vote."""
    first = with_recipients(asked(), FIELDS, HELD)
    moved = RecordFacts(exists=True, values={"email": "jane@rival.example"})
    assert with_recipients(first, FIELDS, moved).request.changes == {"to": "jane@rival.example"}


def test_other_actions_touch_nobody():
    facts = asked("update")
    assert with_recipients(facts, FIELDS, HELD) is facts
    assert not needs_addresses(facts)


def test_the_text_that_a_person_would_read_with_every_link_once():
    message = message_of(
        {"subject": "See https://a.example", "body": "https://a.example and www.b.example/x", "sender": "me@x.example"}
    )
    assert message.links == ("https://a.example", "www.b.example/x")
    assert (message.sender, message.subject) == ("me@x.example", "See https://a.example")


@pytest.mark.parametrize(("country", "address"), [("Germany", "+4930123456"), ("", "030 123456")])
def test_a_national_number_is_read_with_the_country_of_its_record(country, address):
    """the number that is judged, shown and dialled is one and the same."""
    held = RecordFacts(exists=True, values={"phone": "030 123456", "country": country})
    facts = with_recipients(asked("push_to_dialer"), FIELDS, held, region="US")
    assert addresses(facts) == [address]
    assert facts.request.changes["phone"] == address


@pytest.mark.parametrize(("held", "companies"), [("7", ("companies/7",)), (7, ("companies/7",)), (None, ()), ("", ())])
def test_the_company_that_the_record_names_goes_with_every_address(held, companies):
    """DNC-02: an entry about the company stops its people, whatever their addresses."""
    record = RecordFacts(exists=True, values={**HELD.values, "company": held})
    facts = with_recipients(asked(cc="boss@else.example"), FIELDS, record, company_fields=("company",))
    assert {recipient.companies for recipient in facts.recipients if recipient.record_id} == {companies}
    assert facts.recipients[-1].companies == ()
