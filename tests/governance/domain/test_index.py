"""A published document made ready: everything is found again, and nothing of two rules gets lost (POL-01)."""

import msgspec
import pytest

from governance.domain.document import ActionRule, BreakerRule, GrantRule, ProvenanceRule, StageRule, TransitionRule
from governance.domain.index import compile_index, grant_key
from governance.domain.judged import Judged
from tests.builders.policy import ACTIONS, AGENT, FIELDS, GRANTS, field, make_document, make_index

COMPANIES, DEALS = ("embedded", "companies"), ("embedded", "deals")


def test_what_a_document_says_is_found_under_its_names():
    index = compile_index(make_document(), version="sha256:7")
    assert (index.version, index.workspace) == ("sha256:7", "acme")
    assert set(index.objects) == {COMPANIES, DEALS, ("embedded", "tasks")}
    assert index.actions == {rule.action: rule for rule in ACTIONS}
    assert set(index.grants) == {grant_key(grant) for grant in GRANTS}
    assert grant_key(GRANTS[0]) == (AGENT, "embedded", "sandbox", "companies", "update")
    entry = index.grants[grant_key(GRANTS[0])]
    assert (entry.rule, entry.read_fields) == (GRANTS[0], {"industry", "country"})
    assert entry.write_fields == set(GRANTS[0].write_fields)
    assert index.reachable == {(AGENT, "embedded", "sandbox", name) for name in ("companies", "deals", "tasks")}


def test_an_object_knows_its_stages_ways_scores_and_suggestions():
    stages = (
        StageRule(connection="embedded", object="deals", stage_field="dealstage", stage="lost", required_fields=("x",)),
        StageRule(connection="embedded", object="deals", stage_field="dealstage", stage="won", required_fields=("y",)),
    )
    ways = tuple(
        TransitionRule(
            connection="embedded", object="deals", stage_field="dealstage", from_stage=start, to_stages=("won",)
        )
        for start in ("", "open")
    )
    scored = field("score", object="deals", components_field="parts", version_field="")
    document = make_document(stages=stages, transitions=ways, fields=(*FIELDS, scored))
    deals = compile_index(document, version="v").objects[DEALS]
    assert deals.stages == {"dealstage": {"lost": ("x",), "won": ("y",)}}
    assert deals.transitions == {"dealstage": {"": ("won",), "open": ("won",)}}
    assert deals.scores == {"score": ("parts",)}
    assert deals.suggested == {"agent_next_step": "next_step"}
    assert "amount" in deals.fields
    assert "name" not in deals.fields
    companies = compile_index(document, version="v").objects[COMPANIES]
    assert (companies.stages, companies.transitions) == ({}, {})


def test_an_object_knows_which_fields_must_be_given():
    """What the CRM fills itself nobody is asked for."""
    fields = (
        field("b", is_required=True),
        field("a", is_required=True),
        field("made", is_required=True, is_read_only=True),
    )
    assert make_index(fields=fields, grants=(), stages=()).objects[COMPANIES].required_fields == ("a", "b")


def test_an_object_knows_its_provenance_and_its_windows():
    names = {f"{name}_field": name for name in ("at", "source", "confidence", "reason", "agent", "request")}
    rule = ProvenanceRule(connection="embedded", object="companies", **names)
    index = make_index(provenance=(rule,), fields=(*FIELDS, field("fresh", object="deals", refresh_after_days=1.0)))
    assert (index.objects[COMPANIES].provenance, index.objects[COMPANIES].signed) == (rule, set(names.values()))
    partial = msgspec.structs.replace(rule, source_field="", agent_field="")
    assert make_index(provenance=(partial,)).objects[COMPANIES].signed == {"at", "confidence", "reason", "request"}
    assert (index.objects[DEALS].provenance, index.objects[DEALS].signed) == (None, frozenset())
    assert (index.objects[COMPANIES].has_windows, index.objects[DEALS].has_windows) == (False, True)


def test_a_plan_is_made_once_for_each_field_and_actor():
    entry = make_index().objects[COMPANIES]
    plan = entry.plan("industry", Judged.AGENT)
    assert entry.plan("industry", Judged.AGENT) is plan
    assert entry.plan("industry", Judged.HUMAN) is not plan
    assert entry.plan("unheard", Judged.AGENT) is None


BREAKER = BreakerRule(
    name="b", signal="errors", environment="sandbox", window_seconds=1, min_calls=1, open_seconds=1, probes=1
)


@pytest.mark.parametrize(
    "changes",
    [
        {"grants": (GRANTS[0], msgspec.structs.replace(GRANTS[0], write_fields=()))},
        {"fields": (field("x"), field("x", permission_level="blocked"))},
        {"actions": (ActionRule(action="update", risk_tier="gated"), ActionRule(action="update", risk_tier="blocked"))},
        {"breakers": (BREAKER, msgspec.structs.replace(BREAKER, probes=2))},
    ],
)
def test_two_rules_for_one_thing_are_no_policy(changes):
    """The later one would win silently."""
    with pytest.raises(ValueError, match=r"^the document holds two rules for the same thing$"):
        make_index(**changes)


def test_the_same_name_elsewhere_is_another_thing():
    elsewhere = GrantRule(agent=AGENT, connection="other", environment="sandbox", object="companies", action="update")
    index = make_index(grants=(*GRANTS, elsewhere), fields=(*FIELDS, field("industry", connection="other")))
    assert len(index.grants) == len(GRANTS) + 1
    assert set(index.objects["other", "companies"].fields) == {"industry"}
