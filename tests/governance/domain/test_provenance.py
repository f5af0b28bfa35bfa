"""Provenance: every agent write says who, when, from what and why, and no agent says it by itself (REG-07)."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.coherence import find_errors
from governance.domain.document import ProvenanceRule
from governance.domain.engine import decide
from governance.domain.facts import EvidenceFacts, ProvenanceFacts, RecordFacts
from tests.builders.policy import AGENT, NOW, field, make_document, make_facts, make_index, make_request

MAPPED = {
    "at_field": "ai_at",
    "source_field": "ai_source",
    "confidence_field": "ai_confidence",
    "reason_field": "ai_reason",
    "agent_field": "ai_agent",
    "request_field": "ai_request",
}
TYPES = {"ai_at": "datetime", "ai_confidence": "number"}
RULE = ProvenanceRule(connection="embedded", object="companies", **MAPPED)
FIELDS = (
    field("country"),
    *(
        field(name, type=TYPES.get(name, "string"), classification="system_generated", permission_level="read_only")
        for name in MAPPED.values()
    ),
)
SIGNATURE = ProvenanceFacts(at=NOW, request="r-1", reason="the register\nsays so")
EMPTY = dict.fromkeys(("country", *MAPPED.values()))


def ask(changes=None, *, fields=FIELDS, rule=RULE, held=None, signature=SIGNATURE, **request):
    asked = make_request(changes={"country": "Norway"} if changes is None else changes, **request)
    facts = make_facts(asked, record=RecordFacts(exists=True, values=held or EMPTY))
    facts = msgspec.structs.replace(facts, provenance=signature)
    return decide(make_index(fields=fields, provenance=(rule,) if rule else ()), facts)


def after(decision):
    return {change.field: change.after for change in decision.patch}


def test_the_patch_holds_what_says_who_wrote_it_behind_what_the_agent_asked():
    decision = ask(evidence=EvidenceFacts(sources=1, vendors=("https://a.example/x",)), confidence=0.91)

    assert decision.outcome == "allow"
    assert decision.patch[0].field == "country"
    assert after(decision) == {
        "country": "Norway",
        "ai_at": "2031-05-17T09:30:00Z",
        "ai_source": "https://a.example/x",
        "ai_confidence": 0.91,
        "ai_reason": "the register says so",
        "ai_agent": AGENT,
        "ai_request": "r-1",
    }


@pytest.mark.parametrize("name", sorted(MAPPED.values()))
def test_no_agent_writes_it_by_itself_whatever_it_is_granted(name):
    open_fields = tuple(
        msgspec.structs.replace(row, permission_level="safe_write", classification="enrichment") for row in FIELDS
    )

    decision = ask({"country": "Norway", name: "me"}, fields=open_fields)

    assert (decision.outcome, decision.patch) == ("deny", ())
    message = f"`{name}` is filled with each agent write; no agent writes it itself"
    told = {(check.check, check.code, check.message, check.field) for check in decision.reasons}
    assert ("provenance", "provenance_field", message, name) in told


def test_without_a_mapping_or_a_change_nothing_is_added():
    assert after(ask(rule=None)) == {"country": "Norway"}
    assert ask(held=EMPTY | {"country": "Norway"}).patch == ()


def test_facts_of_before_the_mapping_decide_as_they_did():
    """Replay and backtest of stored requests."""
    assert after(ask(signature=None)) == {"country": "Norway"}


def test_texts_are_cut_to_the_field_and_an_unmapped_name_is_left_out():
    short = tuple(msgspec.structs.replace(row, max_length=5) if row.field == "ai_reason" else row for row in FIELDS)
    rule = msgspec.structs.replace(RULE, agent_field="")

    decision = ask(fields=short, rule=rule)

    assert after(decision)["ai_reason"] == "the r"
    assert "ai_agent" not in after(decision)


def test_what_is_held_already_is_not_written_again():
    decision = ask(held=EMPTY | {"ai_agent": AGENT})

    assert "ai_agent" not in after(decision)


def test_a_trace_address_stands_before_the_request():
    rule = msgspec.structs.replace(RULE, trace_address="https://c.example/requests/")

    assert after(ask(rule=rule))["ai_request"] == "https://c.example/requests/r-1"


@given(st.text(max_size=40), st.floats(0, 1))
def test_it_changes_neither_the_outcome_nor_the_agents_part(reason, confidence):
    signature = msgspec.structs.replace(SIGNATURE, reason=reason)
    plain, signed = ask(rule=None, confidence=confidence), ask(signature=signature, confidence=confidence)

    assert plain.outcome == signed.outcome
    assert signed.patch[: len(plain.patch)] == plain.patch
    assert ask(signature=signature, confidence=confidence) == signed


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"at_field": "missing"}, "provenance_unknown"),
        ({"at_field": "country"}, "provenance_type"),
        ({"confidence_field": "ai_source"}, "provenance_type"),
        ({"reason_field": "ai_agent"}, "provenance_twice"),
        ({"object": "ghosts"}, "provenance_unknown"),
        (dict.fromkeys(MAPPED, ""), "provenance_empty"),
        ({"request_field": "", "trace_address": "https://c.example/"}, "provenance_empty"),
        ({"source_field": "locked"}, "provenance_read_only"),
    ],
)
def test_a_mapping_that_cannot_be_written_is_refused_with_its_row_named(changes, code):
    rule = msgspec.structs.replace(RULE, **changes)
    fields = (*FIELDS, field("locked", is_read_only=True))
    errors = find_errors(make_document(fields=fields, grants=(), stages=(), provenance=(rule,)), {"revops": {"p"}})

    assert (f"provenance of `{rule.object}` of `embedded`", code) in {(error.row, error.code) for error in errors}
