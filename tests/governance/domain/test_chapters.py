"""The governance document's words: every row of a policy is told, and nobody's text acts in it (REP-03)."""

import re

import msgspec
import pytest

from governance.domain.chapters import Chapter, Table, to_markdown
from governance.domain.document import (
    ActionRule,
    AnomalyRule,
    BreakerRule,
    BudgetRule,
    FieldRule,
    FrequencyRule,
    GrantRule,
    PolicyDocument,
    ProvenanceRule,
    StageRule,
    TransitionRule,
)
from governance.domain.policy_chapters import write_policy_chapters
from governance.domain.rule import BasisRule, Condition, NamedList, RiskRule

PLACE = {"connection": "crm", "object": "deals"}
DOCUMENT = PolicyDocument(
    workspace="acme",
    grants=(GrantRule(**PLACE, agent="a", environment="sandbox", action="update", write_fields=("city",)),),
    fields=(FieldRule(**PLACE, field="city", label="City", type="string", permission_level="safe_write"),),
    actions=(ActionRule(action="export", risk_tier="approval", approver_groups=("revops",)),),
    stages=(StageRule(**PLACE, stage_field="stage", stage="lost", required_fields=("why",)),),
    transitions=(TransitionRule(**PLACE, stage_field="stage", from_stage="open", to_stages=("lost",)),),
    provenance=(ProvenanceRule(**PLACE, reason_field="note"),),
    rules=(
        RiskRule(
            key="r",
            name="R",
            owner="o",
            reason="why",
            effect="deny",
            conditions=(Condition(subject="text", operator="contains", values=("x",)),),
        ),
    ),
    lists=(NamedList(name="l", kind="terms", entries=("x",)),),
    bases=(BasisRule(object="deals", field="city", value="Oslo", basis="consent"),),
    budgets=(BudgetRule(key="agent", unit="requests", window="hour", limit=5),),
    breakers=(
        BreakerRule(
            name="b", signal="errors", environment="sandbox", window_seconds=60, min_calls=2, open_seconds=60, probes=1
        ),
    ),
    frequency=(FrequencyRule(key="f", name="F", owner="o", reason="why", max_touches=2, window_hours=24),),
    anomalies=(AnomalyRule(signal="volume", window="hour", floor=5),),
)
NOT_TOLD = {
    "FieldRule.type": "the CRM's own word",
    "FieldRule.options": "the CRM's own list",
    "RiskRule.key": "no person's word",
    "FrequencyRule.key": "no person's word",
}
OTHER_WORDS = {
    "permission_level": "approval",
    "classification": "enrichment",
    "review_state": "reviewed",
    "rollback_method": "none",
    "risk_tier": "autonomous",
    "effect": "approval",
    "applies_to": "people",
    "tier": "blocked",
    "kind": "domains",
    "basis": "contract",
    "unit": "spend",
    "key": "workspace",
    "window": "day",
    "signal": "spend",
    "environment": "production",
    "currency": "EUR",
}
SETTING = {
    "BudgetRule.currency": {"unit": "spend"},
    "BreakerRule.amount": {"signal": "spend"},
    "BreakerRule.currency": {"signal": "spend", "amount": 5},
    "RiskRule.tier": {"effect": "raise_tier"},
    "RiskRule.groups": {"effect": "approval"},
    "RiskRule.any_groups": {"effect": "approval"},
    "RiskRule.count": {"effect": "approval", "groups": ("revops",)},
    "FrequencyRule.segment_value": {"segment_field": "segment"},
    "FrequencyRule.window_hours": {"max_touches": 3},
}
"""What else a member needs to mean anything."""


def told(document):
    return to_markdown(title="t", note="n", chapters=write_policy_chapters(document))


def other(name, value):
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 60_000
        case None:
            return 61
        case tuple():
            return (
                (*value, "update")
                if name == "actions"
                else (*value, "send_email")
                if name == "channels"
                else (*value, "zz")
            )
    return OTHER_WORDS.get(name, "zz")


def members():
    for collection in PolicyDocument.__struct_fields__:
        if collection not in {"format", "workspace"}:
            [rule] = getattr(DOCUMENT, collection)
            yield from (
                pytest.param(collection, name, id=f"{type(rule).__name__}.{name}") for name in rule.__struct_fields__
            )


@pytest.mark.parametrize(("collection", "name"), list(members()))
def test_every_word_of_a_policy_is_told(collection, name, request):
    """REP-03: a rule that the document leaves out is one that nobody who reads it agreed to."""
    place = request.node.callspec.id
    [rule] = getattr(DOCUMENT, collection)
    rule = msgspec.structs.replace(rule, **SETTING.get(place, {}))
    changed = msgspec.structs.replace(rule, **{name: other(name, getattr(rule, name))})
    if place == "RiskRule.conditions":
        changed = msgspec.structs.replace(rule, conditions=())
    before, after = (told(msgspec.structs.replace(DOCUMENT, **{collection: (one,)})) for one in (rule, changed))
    assert (before != after) == (place not in NOT_TOLD)


def test_rows_stand_in_one_order_one_a_line():
    """REP-03: so that two versions are compared by any tool that compares lines."""
    grants = tuple(
        GrantRule(agent=name, connection="crm", environment="sandbox", object="deals", action="update")
        for name in ("b", "c", "a")
    )
    text = told(msgspec.structs.replace(DOCUMENT, grants=grants))
    assert re.findall(r"^\| ([abc]) \| crm", text, re.MULTILINE) == ["a", "b", "c"]
    assert told(msgspec.structs.replace(DOCUMENT, grants=grants[::-1])) == text
    assert text == told(msgspec.structs.replace(DOCUMENT, grants=grants))


@pytest.mark.parametrize(
    "hostile",
    [
        "a | b",
        "x\n# heading",
        "![i](http://evil.example/x)",
        "<script>alert(1)</script>",
        "`x`",
        "[l](javascript:x)",
        "\\|",
        "a\n| b |",
    ],
)
def test_what_people_wrote_is_text(hostile):
    """REP-03, attack cases of stored text: no cell ends early, nothing is a heading, a link, an image or HTML."""
    table = Table(("What",), ((hostile,),))
    text = to_markdown(title=hostile, note=hostile, chapters=[Chapter(hostile, (hostile,), (table,))])
    assert len(text.splitlines()) == 11
    assert len(re.findall(r"^#", text, re.MULTILINE)) == 2
    for mark in "<`[]!":
        assert text.count(mark) == text.count(f"\\{mark}")
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", text.splitlines()[-1])) == 2


def test_what_has_nothing_says_so():
    text = told(PolicyDocument(workspace="acme"))
    assert text.count("Nothing.") == 11
    assert "|" not in text
