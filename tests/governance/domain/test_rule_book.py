"""The compiled rules: what each says, what is asked first, and that one plan never answers for another (POL-04)."""

from itertools import count

import msgspec
import pytest

from governance.domain import rule_book, text_findings
from governance.domain.case import open_case
from governance.domain.check_result import needs_approval
from governance.domain.decision import CheckResult
from governance.domain.facts import ConnectionFacts, MessageFacts, RecordFacts
from governance.domain.rule import BasisRule
from governance.domain.rule_book import RuleBook, make_book
from governance.domain.rule_view import MAX_TEXT_LENGTH
from governance.domain.text_findings import find_in, holds_confidential
from tests.builders.policy import FIELDS, RECORD, field, make_facts, make_human_facts, make_index, make_request
from tests.governance.domain.test_rules import EASY, judged, matches, rule, says, when

FALSE = when("field_count", "greater", "99")
DRAFT = {"action": "draft", "object": "companies", "record_id": None, "changes": {}}
LONG = make_request(**DRAFT, message=MessageFacts(subject="Hello", body="x" * (MAX_TEXT_LENGTH + 1)))


def book_of(*rules, bases=()) -> RuleBook:
    return make_book(rules, (), bases)


def only_result(**changes):
    (ready,) = book_of(rule(key="r", name="Prices", reason="a promise", **changes)).rules[""]
    return ready.result


def test_each_effect_says_what_follows_and_why():
    words = "rule “Prices”: a promise"
    assert only_result(effect="raise_tier", tier="gated") == CheckResult("rule:r", "pass", "rule_gated", words)
    assert only_result(effect="raise_tier", tier="approval") == needs_approval("rule:r", "rule_approval", words)
    assert only_result(effect="approval", groups=("revops",)) == needs_approval("rule:r", "rule_approval", words)


@pytest.mark.parametrize(
    "costly",
    [when("text", "contains", "prices"), when("finding", "one_of", "pricing"), when("finding", "one_of", "pii")],
)
def test_a_text_is_looked_through_last(costly):
    """What an earlier condition settles needs no text: one that is too long denies only where a rule depends on it."""
    assert says(judged(rule(costly), request=LONG)) == {"rule:r": "text_too_long"}
    assert says(judged(rule(costly, FALSE), request=LONG)) == {"rules": "ok"}


def test_a_text_of_exactly_the_longest_is_read():
    whole = make_request(**DRAFT, message=MessageFacts(subject="Hi", body="x" * (MAX_TEXT_LENGTH - 3)))
    assert says(judged(rule(when("text", "contains", "prices")), request=whole)) == {"rules": "ok"}


def test_a_value_may_have_several_lawful_bases():
    bases = tuple(
        BasisRule(object="companies", field="country", value="Norge", basis=it) for it in ("consent", "contract")
    )
    for basis in ("consent", "contract"):
        assert matches(when("lawful_basis", "is", basis), bases=bases)


@pytest.mark.parametrize("other", ["account", "finding", "lawful_basis"])
def test_what_several_conditions_look_at_is_read_together(other):
    conditions = {
        "account": (when("account", "is", "companies:1"), {"name", "website", "billing", "domain"}),
        "finding": (when("finding", "one_of", "confidential"), {"name", "secret"}),
        "lawful_basis": (when("lawful_basis", "is_empty"), {"name", "country"}),
    }
    condition, wanted = conditions[other]
    more = (field("secret", is_sensitive=True), field("billing", type="email"), field("domain"))
    bases = (BasisRule(object="companies", field="country", value="x", basis="consent"),)
    index = make_index(
        rules=(rule(when("record_value", "is", "x", field="name"), condition),), bases=bases, fields=(*FIELDS, *more)
    )
    fields = index.objects["embedded", "companies"].fields
    assert index.rules.fields_read("embedded", "companies", fields) == wanted & fields.keys()


def test_what_is_read_is_found_out_once():
    index = make_index(rules=(rule(when("record_value", "is", "x", field="name")),))
    fields = index.objects["embedded", "companies"].fields
    assert index.rules.fields_read("embedded", "companies", fields) == {"name"}
    assert index.rules.fields_read("embedded", "companies", {}) == {"name"}, "remembered"


@pytest.mark.parametrize(
    ("condition", "other"),
    [
        (when("connection", "is", "embedded"), {"name": "second"}),
        (when("environment", "is", "sandbox"), {"environment": "production"}),
    ],
)
def test_one_plan_holds_for_one_connection(condition, other):
    index = make_index(rules=(rule(condition, when("newness", "one_of", "person")),))
    here = make_facts()
    values = {"name": "embedded", "environment": "sandbox", "is_active": True, **other}
    for _ in range(2):
        assert index.rules.asks(open_case(index, here), "newness")
        assert not index.rules.asks(open_case(index, make_facts(connection=ConnectionFacts(**values))), "newness")


def test_one_plan_holds_for_one_action_and_one_kind_of_actor():
    index = make_index(rules=(rule(when("newness", "one_of", "person"), actions=("update",), applies_to="agents"),))
    created = make_facts(make_request(action="create", record_id=None))
    riding = msgspec.structs.replace(make_human_facts(), agent=make_facts().agent)
    for _ in range(2):
        assert index.rules.asks(open_case(index, make_facts()), "newness")
        assert not index.rules.asks(open_case(index, created), "newness")
        assert not index.rules.asks(open_case(index, riding), "newness"), "a person, whatever agent rides along"


def test_plans_are_forgotten_before_they_are_too_many():
    book = make_index(rules=(rule(FALSE),)).rules
    numbers = count()
    while len(book.plans) < rule_book._PLANS_KEPT:
        book.plans[next(numbers)] = None
    index = make_index(rules=(rule(FALSE),))
    book.plan(open_case(index, make_facts()))
    assert len(book.plans) == 1


def test_a_record_that_is_not_there_holds_nothing():
    """A rule about what is prepared for such a record does not match, and does not fail either."""
    about = make_request(
        action="draft", object="drafts", target_object="companies", target_id="9", record_id=None, changes={}
    )
    decision = judged(
        rule(when("record_value", "is", "x", field="name")), request=about, target=RecordFacts(exists=False)
    )
    assert says(decision) == {"rules": "ok"}


def test_an_object_that_nobody_registered_has_no_account():
    about = make_request(
        action="draft", object="drafts", target_object="unheard", target_id="9", record_id=None, changes={}
    )
    condition = when("account", "is", "unheard:8")
    index = make_index(rules=(rule(condition),), actions=EASY)
    case = open_case(index, make_facts(about, target=RECORD, recipients=()))
    assert index.rules.view(case, ()).account_keys == ("unheard:9",)


@pytest.mark.parametrize(
    ("name", "kind"), [("website", "string"), ("domain", "string"), ("billing", "email"), ("home", "url")]
)
def test_an_account_is_known_by_sites_by_name_or_type(name, kind):
    index = make_index(fields=(field(name, type=kind),), actions=EASY)
    value = "jane@acme.example" if kind == "email" else "acme.example"
    facts = make_facts(record=RecordFacts(exists=True, values={name: value}), recipients=())
    view = index.rules.view(open_case(index, facts), ())
    assert view.account_keys == ("companies:101", "acme.example")


def test_patterns_are_alternatives():
    pattern = text_findings._any_of("ab", "cd")
    assert [bool(pattern.search(text)) for text in ("xab", "xcd", "ac")] == [True, True, False]


@pytest.mark.parametrize("number", ["5555 5555 5555 4444", "4111-1111-1111-1111", "378282246310005"])
def test_cards_are_known_by_their_check_digit(number):
    """Source: the test numbers of the card schemes."""
    assert "pii" in find_in(number)
    assert "pii" not in find_in(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize(("value", "is_held"), [("acme", True), ("abc", False)])
def test_a_confidential_value_of_four_letters_is_one(value, is_held):
    assert holds_confidential(f" {value} ", [value], lambda text: text) is is_held
