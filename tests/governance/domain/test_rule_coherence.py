"""Rules that could never work are refused at publishing, with the rule named (POL-04)."""

import pytest

from governance.domain.coherence import find_errors
from governance.domain.diff import diff_documents
from governance.domain.rule import BasisRule, Condition, NamedList, RiskRule
from governance.domain.rule_words import sentence
from tests.builders.policy import make_document
from tests.governance.domain.test_coherence import MEMBERS, SOUND

AGENTS = {"agent.enrichment"}


def rule(*conditions, key="r", **changes):
    values = {"name": key.upper(), "owner": "Olga", "reason": "because", "conditions": conditions, "effect": "deny"}
    return RiskRule(key=key, **{**values, **changes})


def when(subject, operator, *values, field=""):
    return Condition(subject=subject, operator=operator, values=values, field=field)


def errors(*rules, lists=(), bases=()):
    document = make_document(fields=SOUND, grants=(), stages=(), rules=rules, lists=lists, bases=bases)
    return find_errors(document, MEMBERS, AGENTS)


def codes(*rules, **changes):
    return [error.code for error in errors(*rules, **changes)]


def test_sound_rules_have_no_errors():
    listed = NamedList(name="vip", kind="domains", entries=("acme.com",))
    sound = rule(
        when("confidence", "less", "0.8"),
        when("account", "on_list", "vip"),
        when("agent", "is", "agent.enrichment"),
        when("new_value", "one_of", "IT", "Software", field="industry"),
        effect="approval",
        groups=("revops",),
        count=2,
        actions=("update",),
        objects=("companies",),
        fields=("industry",),
    )
    basis = BasisRule(object="companies", field="country", value="Norge", basis="consent")
    assert errors(sound, lists=(listed,), bases=(basis,)) == ()


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (rule(reason=" "), "rule_without_reason"),
        (rule(applies_to="robots"), "unknown_value"),
        (rule(actions=("explode",)), "unknown_value"),
        (rule(objects=("ghosts",)), "unknown_object"),
        (rule(fields=("ghost",)), "unknown_field"),
        (rule(fields=("next_step",), objects=("companies",)), "unknown_field"),
        (rule(effect="pray"), "unknown_value"),
        (rule(effect="raise_tier", tier="autonomous"), "unknown_value"),
        (rule(effect="approval", groups=("ghosts",)), "empty_group"),
        (rule(effect="approval", any_groups=("ghosts",)), "empty_group"),
        (rule(effect="approval", groups=("revops",), count=3), "too_few_approvers"),
        (rule(effect="approval", count=0), "no_approvals_needed"),
        (rule(when("moon", "is", "full")), "unknown_value"),
        (rule(when("confidence", "is", "1")), "unknown_value"),
        (rule(when("new_value", "matches", "(a+)+$", field="industry")), "unknown_value"),
        (rule(when("new_value", "is", "x")), "unknown_field"),
        (rule(when("new_value", "is", "x", field="ghost")), "unknown_field"),
        (rule(when("confidence", "less")), "values_missing"),
        (rule(when("confidence", "less", "0.1", "0.2")), "values_missing"),
        (rule(when("confidence", "less", "low")), "not_a_number"),
        (rule(when("confidence", "less", "nan")), "not_a_number"),
        (rule(when("confidence", "less", "٣")), "not_a_number"),
        (rule(when("new_value", "is", "  ", field="industry")), "values_missing"),
        (rule(when("agent", "is", "agent.ghost")), "unknown_value"),
        (rule(when("connection", "is", "ghost")), "unknown_value"),
        (rule(when("environment", "is", "moon")), "unknown_value"),
        (rule(when("finding", "one_of", "magic")), "unknown_value"),
        (rule(when("account", "on_list", "ghost")), "unknown_list"),
        (rule(when("confidence", "greater", "0.5"), when("confidence", "less", "0.3")), "contradiction"),
        (rule(when("confidence", "greater", "0.5"), when("confidence", "less", "0.5")), "contradiction"),
        (
            rule(
                when("new_value", "is", "IT", field="industry"), when("new_value", "is", "Software", field="industry")
            ),
            "contradiction",
        ),
        (
            rule(when("new_value", "is_empty", field="industry"), when("new_value", "not_empty", field="industry")),
            "contradiction",
        ),
        (
            rule(
                when("new_value", "one_of", "IT", "Software", field="industry"),
                when("new_value", "none_of", "software", "it", field="industry"),
            ),
            "contradiction",
        ),
        (rule(when("confidence", "less", "0.5"), when("confidence", "less", "0.5")), "duplicate_condition"),
    ],
)
def test_each_way_to_be_wrong(broken, code):
    found = errors(broken)
    assert code in {error.code for error in found}
    assert {error.row for error in found} == {"rule “R”"}


def test_two_rules_that_look_for_the_same_are_told_apart_from_nothing():
    twice = rule(key="a"), rule(key="b", effect="approval")
    assert codes(*twice) == ["duplicate_rule"]
    assert codes(rule(key="a"), rule(when("confidence", "less", "0.5"), key="b")) == []


def test_lists_neither_circle_nor_dangle_nor_mix():
    a = NamedList(name="a", kind="domains", includes=("b",))
    b = NamedList(name="b", kind="domains", includes=("a",))
    assert codes(lists=(a, b)) == ["list_cycle", "list_cycle"]
    assert codes(lists=(a,)) == ["unknown_list"]
    assert codes(lists=(a, NamedList(name="b", kind="terms"))) == ["wrong_list"]
    assert codes(lists=(NamedList(name="a", kind="domains", entries=("nonsense",)),)) == ["bad_entry"]
    assert codes(rule(when("account", "on_list", "t")), lists=(NamedList(name="t", kind="terms"),)) == ["wrong_list"]


def test_lawful_bases_name_what_exists():
    assert codes(bases=(BasisRule(object="ghosts", field="x", value="y", basis="consent"),)) == ["unknown_object"]
    assert codes(bases=(BasisRule(object="companies", field="x", value="y", basis="hope"),)) == [
        "unknown_field",
        "unknown_value",
    ]


def test_a_rule_reads_as_a_sentence():
    ask = rule(
        when("confidence", "less", "0.8"),
        effect="approval",
        groups=("revops",),
        actions=("update",),
        objects=("companies",),
        fields=("industry",),
    )
    assert sentence(ask) == "When an agent changes `industry` on companies and confidence is below 0.8 → ask revops"
    two = rule(
        when("finding", "one_of", "pricing", "legal"), effect="approval", any_groups=("legal", "revops"), count=2
    )
    assert sentence(two) == (
        "When an agent does anything with any object and the text holds prices or discounts or legal promises"
        " → ask one of legal or revops, 2 people"
    )


def test_a_change_of_a_rule_is_told_as_its_sentence():
    old, new = make_document(rules=(rule(),)), make_document(rules=(rule(actions=("update",)),))
    (change,) = diff_documents(old, new)
    assert (change.row, change.kind) == ("rule “R”", "changed")
    assert "an agent changes any object → refuse it" in change.message
