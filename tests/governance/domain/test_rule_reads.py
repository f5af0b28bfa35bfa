"""What is looked up for rules: as much as some rule asks for, and nothing more (POL-04)."""

import msgspec
import pytest

from governance.domain.case import open_case
from governance.domain.check_result import denied, failed
from governance.domain.engine import decide
from governance.domain.facts import RecipientFacts
from governance.domain.rule import BasisRule, Condition, RiskRule
from tests.builders.policy import ACTIONS, FIELDS, field, make_facts, make_human_facts, make_index, make_request

SECRET = field("secret", is_sensitive=True)
MAIL = field("billing", type="email")
BASES = (
    BasisRule(object="companies", field="country", value="Norge", basis="consent"),
    BasisRule(object="deals", field="dealstage", value="won", basis="consent"),
)


def when(subject, operator="is", *values, field=""):
    return Condition(subject=subject, operator=operator, values=values or ("x",), field=field)


def rule(*conditions, key="r", **changes):
    values = {"name": key, "owner": "", "reason": "", "effect": "deny", "conditions": conditions}
    return RiskRule(key=key, **{**values, **changes})


def index(*rules, bases=BASES):
    return make_index(rules=rules, bases=bases, fields=(*FIELDS, SECRET, MAIL))


def read(*rules, object_type="companies"):
    made = index(*rules)
    fields = made.objects["embedded", object_type].fields
    return made.rules.fields_read("embedded", object_type, fields)


@pytest.mark.parametrize(
    ("rules", "fields"),
    [
        ((), set()),
        ((rule(when("new_value", field="country")),), set()),
        ((rule(when("record_value", field="name")),), {"name"}),
        ((rule(when("record_value", field="unheard")),), set()),
        ((rule(when("record_value", field="name"), objects=("deals",)),), set()),
        ((rule(when("record_value", field="name"), objects=("companies",)),), {"name"}),
        (
            (rule(when("record_value", field="name"), key="a", actions=("create",)), rule(when("account"), key="b")),
            {"name", "website", "billing"},
        ),
        ((rule(when("finding", "one_of", "confidential")),), {"secret"}),
        ((rule(when("finding", "one_of", "pricing")),), set()),
        ((rule(when("lawful_basis", "is_empty")),), {"country"}),
    ],
)
def test_a_record_is_read_as_far_as_rules_look(rules, fields):
    assert read(*rules) == fields


def test_each_object_is_asked_for_its_own_fields():
    made = index(rule(when("lawful_basis", "is_empty")), rule(when("record_value", field="amount"), key="b"))
    for name, fields in (("companies", {"country"}), ("deals", {"dealstage", "amount"}), ("companies", {"country"})):
        assert made.rules.fields_read("embedded", name, made.objects["embedded", name].fields) == fields


def asks(*rules, subjects=("newness",), facts=None):
    made = index(*rules)
    return made.rules.asks(open_case(made, facts or make_facts()), *subjects)


def test_only_what_a_rule_for_this_agent_and_action_looks_at_is_looked_up():
    first = when("newness", "one_of", "person")
    assert asks(rule(first))
    assert asks(rule(first, actions=("update",)), subjects=("duplicate", "newness"))
    assert not asks(rule(first), subjects=("duplicate",))
    assert not asks(rule(first, actions=("create",)))
    assert not asks(rule(first, objects=("deals",)))
    assert not asks(rule(first, when("agent", "is", "agent.other")))
    assert not asks(rule(first, applies_to="agents"), facts=make_human_facts())
    assert asks(rule(first, applies_to="everyone"), facts=make_human_facts())
    assert not asks()
    about = make_request(action="draft", object="drafts", target_object="deals", record_id=None, changes={})
    assert asks(rule(first, objects=("deals",)), facts=make_facts(about))


def test_one_book_answers_for_each_agent_and_action_by_itself():
    """What was found out for one request is not told of another."""
    made = index(rule(when("newness", "one_of", "person"), when("agent", "is", "agent.enrichment")))
    other = msgspec.structs.replace(make_facts().agent, name="agent.other")
    for _ in range(2):
        assert made.rules.asks(open_case(made, make_facts()), "newness")
        assert not made.rules.asks(open_case(made, make_facts(agent=other)), "newness")
        assert not made.rules.asks(open_case(made, make_human_facts()), "newness")


# whom it would reach

SEND = make_request(action="send_email", object="emails", record_id=None, changes={})


def recipients(found):
    actions = (msgspec.structs.replace(ACTIONS[0], action="send_email"),)
    checks = decide(make_index(actions=actions), make_facts(SEND, recipients=found)).checks
    return next(check for check in checks if check.check == "recipients")


def test_a_recipient_that_cannot_be_reached_is_told_without_the_address():
    """DNC-03: what cannot be compared with a list is never taken as not listed."""
    bad = (RecipientFacts(kind="email", address="jane"),)
    words = "an address of the recipient is not one e-mail address"
    assert recipients(bad) == denied("recipients", "recipient_invalid", words)
    assert recipients(None) == failed("recipients")
    phone = (RecipientFacts(kind="phone", address="+14155552671"),)
    missing = "the record holds no address that the action could use"
    assert recipients(phone) == denied("recipients", "recipient_missing", missing)
    fine = (RecipientFacts(kind="email", address="jane@acme.example"), *phone)
    assert recipients(fine).message == "every address of everyone it reaches is known"
