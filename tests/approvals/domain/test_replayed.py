"""Decisions compared part by part, facts changed one at a time, bundles named by their hash (RPL-01, RPL-02)."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.domain.execution_bundle import Recorded, make_execution_bundle
from approvals.domain.replayed import Difference, FactError, change_fact, list_differences, list_facts

DECISION = {
    "outcome": "allow",
    "policy_version": "sha256:a",
    "risk_tier": "gated",
    "checks": [{"check": "dnc", "outcome": "pass", "code": "", "message": "nobody", "field": ""}],
    "patch": [{"field": "name", "before": "a", "after": "b"}],
    "redirects": [],
    "requirement": None,
    "expires_after_seconds": 60,
}
FACTS = {"request": {"confidence": 0.9, "changes": {"a/b": 1}}, "recipients": [], "record": None}
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def test_a_decision_differs_from_itself_in_nothing_and_the_version_is_no_part_of_it():
    """RPL-02: what is shown under another version is what came out otherwise, not that another was asked."""
    assert list_differences(DECISION, {**DECISION, "policy_version": "sha256:b"}) == ()


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        ({"groups": [], "count": 1, "alternatives": []}, "1 person"),
        ({"groups": ["revops"], "count": 1, "alternatives": []}, "1 person, with one of revops"),
        (
            {"groups": ["revops"], "count": 2, "alternatives": [["legal", "security"]]},
            "2 people, with one of revops and one of legal or security",
        ),
    ],
)
def test_who_must_agree_is_told_in_words(requirement, words):
    """RPL-02: a person of compliance reads it, not JSON."""
    other = {**DECISION, "requirement": requirement}
    assert list_differences(DECISION, other) == (Difference("who must agree", None, words),)


def test_every_part_that_came_out_otherwise_is_named():
    """RPL-02: field by field: outcome, checks, patch; what is new and what is gone too."""
    other = {
        **DECISION,
        "outcome": "deny",
        "checks": [
            *DECISION["checks"],
            {"check": "rules", "outcome": "deny", "code": "x", "message": "no", "field": "f"},
        ],
        "patch": [],
    }
    assert list_differences(DECISION, other) == (
        Difference("outcome", "allow", "deny"),
        Difference("change of name", '["a","b"]', None),
        Difference("check rules on f", None, "deny: x – no"),
    )


def test_a_fact_is_changed_at_its_place_alone():
    """RPL-02: JSON where it is JSON, else a text; the facts on record stay as they are."""
    assert change_fact(FACTS, "request/confidence", "0.1")["request"] == {"confidence": 0.1, "changes": {"a/b": 1}}
    assert change_fact(FACTS, "request/changes/a~1b", "no json")["request"]["changes"] == {"a/b": "no json"}
    assert change_fact(FACTS, "recipients", "null")["recipients"] is None
    assert FACTS["request"]["confidence"] == 0.9
    for nowhere in ("request", "request/none", "", "recipients/0"):
        with pytest.raises(FactError):
            change_fact(FACTS, nowhere, "1")


@pytest.mark.parametrize("depth", [33, 1_000, 1_900, 100_000])
def test_a_value_nested_without_end_is_refused_in_words(depth):
    """RPL-02: whoever types it in the lab reads a refusal, not an error of the server."""
    with pytest.raises(FactError, match="too deep"):
        change_fact(FACTS, "recipients", "[" * depth + "]" * depth)


@given(facts=st.dictionaries(st.text(min_size=1, max_size=4), _JSON, min_size=1, max_size=4))
def test_putting_every_fact_back_changes_nothing(facts):
    """RPL-02: list and change agree about every place."""
    for place, value in list_facts(facts):
        assert change_fact(facts, place, value) == facts


def make_bundle(**changes):
    given_ = {
        "request": "r",
        "workspace": "acme",
        "actor": "agent.a",
        "credential": "1",
        "agent_version": {"prompt_template": "enrich@12"},
        "fingerprint": "sha256:f",
        "proposal": {"plan": ["x"], "tool_responses": [{"tool": "t", "sha256": "s"}]},
        "facts": {"request": {"object": "companies"}, "record": {"values": {"name": "a"}}},
        "decision": DECISION,
        "digest": "sha256:d",
    }
    return make_execution_bundle(Recorded(**{**given_, **changes}))


def test_a_bundle_is_named_by_its_content_and_holds_what_the_action_rested_on():
    """RPL-01: prompt template, CRM fields, tool response hashes, plan, policy inputs, document digest."""
    bundle = make_bundle()
    assert bundle.address == f"sha256:{hashlib.sha256(bundle.content).hexdigest()}"
    assert make_bundle() == bundle
    told = json.loads(bundle.content)
    assert told["agent_version"]["prompt_template"] == "enrich@12"
    assert told["proposal"]["body"]["plan"] == ["x"]
    assert told["proposal"]["body"]["tool_responses"][0]["sha256"] == "s"
    assert told["crm_fields"] == {"record: companies": ["name"]}
    assert told["policy_version"] == "sha256:a"
    assert make_bundle(facts={"request": {}}).address != bundle.address
