"""How far an agent goes alone: every autonomy level under every tier (PRM-05, PRM-08)."""

import itertools
from datetime import timedelta

import msgspec
import pytest

from governance.domain.engine import decide
from governance.domain.facts import BreakGlassFacts, EvidenceFacts
from tests.builders.policy import ACTIONS, NOW, make_agent, make_facts, make_index, make_request

UPDATE = {"changes": {"country": "Norway"}}
TASK = {"action": "create_task", "object": "tasks", "record_id": None, "changes": {"title": "Call"}}
TIERS = ("autonomous", "gated", "approval", "blocked")
ALLOW, ASK, DENY = "allow", "require_approval", "deny"
EXPECTED = {
    ("autonomous", "update"): (ALLOW, ALLOW, ASK, DENY),
    ("autonomous", "create_task"): (ALLOW, ALLOW, ASK, DENY),
    ("with_approval", "update"): (ASK, ASK, ASK, DENY),
    ("with_approval", "create_task"): (ALLOW, ALLOW, ASK, DENY),
    ("draft_only", "update"): (DENY, DENY, DENY, DENY),
    ("draft_only", "create_task"): (ALLOW, ALLOW, ASK, DENY),
    ("manual", "update"): (DENY, DENY, DENY, DENY),
    ("manual", "create_task"): (DENY, DENY, DENY, DENY),
}


def decide_under(tier, level, request, **rule_changes):
    actions = tuple(
        msgspec.structs.replace(rule, risk_tier=tier, approver_groups=("revops",), **rule_changes) for rule in ACTIONS
    )
    facts = make_facts(make_request(**request), agent=make_agent(autonomy_level=level))
    return decide(make_index(actions=actions), facts).outcome


@pytest.mark.parametrize(("level", "action"), EXPECTED)
def test_the_table_of_the_documentation(level, action):
    request = UPDATE if action == "update" else TASK
    assert tuple(decide_under(tier, level, request) for tier in TIERS) == EXPECTED[level, action]


@pytest.mark.parametrize(("tier", "outcome"), list(zip(TIERS, (DENY, ASK, DENY, DENY), strict=True)))
def test_too_little_confidence_goes_to_a_person_in_the_gated_tier_only(tier, outcome):
    assert decide_under(tier, "autonomous", {**UPDATE, "confidence": 0.2}, min_confidence=0.5) == outcome


@pytest.mark.parametrize("confidence", [0, 0.0, 0.5, 1, 1.0])
def test_every_number_from_none_to_all_is_a_confidence_and_just_enough_is_enough(confidence):
    request = {**UPDATE, "confidence": confidence}
    assert decide_under("gated", "autonomous", request, min_confidence=confidence) == ALLOW


@pytest.mark.parametrize("confidence", [-0.01, 1.01, True])
def test_what_is_no_confidence_denies(confidence):
    assert decide_under("gated", "autonomous", {**UPDATE, "confidence": confidence}) == DENY


@pytest.mark.parametrize("kinds", [{"sources": 2}, {"facts": 2}, {"signals": 2}, {"facts": 1, "signals": 1}])
def test_evidence_of_every_kind_counts(kinds):
    """CNT-01: sources, facts and signals alike."""
    request = {**UPDATE, "evidence": EvidenceFacts(**kinds)}
    assert decide_under("gated", "autonomous", request, min_evidence=2) == ALLOW
    assert decide_under("gated", "autonomous", request, min_evidence=3) == DENY


@pytest.mark.parametrize("tier", TIERS)
def test_too_little_evidence_denies_in_every_tier(tier):
    """CNT-01: no receipts, no action."""
    assert decide_under(tier, "autonomous", UPDATE, min_evidence=2) == DENY


@pytest.mark.parametrize(("tier", "outcome"), list(zip(TIERS, (ALLOW, ASK, ASK, DENY), strict=True)))
def test_a_risk_flag_asks_for_a_person_where_the_tier_is_gated(tier, outcome):
    assert decide_under(tier, "autonomous", {**UPDATE, "risk_flags": ("persona_ambiguous",)}) == outcome


def test_a_stricter_tier_or_level_never_decides_more_loosely():
    weight = {ALLOW: 0, ASK: 1, DENY: 2}
    for request in (UPDATE, TASK):
        for level in ("autonomous", "with_approval", "draft_only", "manual"):
            row = [weight[decide_under(tier, level, request)] for tier in TIERS]
            assert all(left <= right for left, right in itertools.pairwise(row))


@pytest.mark.parametrize(
    ("glass", "outcome", "code"),
    [
        (BreakGlassFacts(id="g", expires_at=NOW + timedelta(seconds=1)), ASK, "break_glass"),
        (BreakGlassFacts(id="g", expires_at=NOW), DENY, "tier_blocked"),
        (BreakGlassFacts(id="g"), DENY, "tier_blocked"),
        (BreakGlassFacts(expires_at=NOW + timedelta(days=1)), DENY, "tier_blocked"),
        (None, DENY, "tier_blocked"),
    ],
)
def test_broken_glass_brings_a_blocked_action_before_people_while_it_is_open(glass, outcome, code):
    """PRM-10: never past them, never when its time is over, and what could not be read is closed."""
    actions = tuple(msgspec.structs.replace(rule, risk_tier="blocked", approver_groups=("revops",)) for rule in ACTIONS)
    facts = make_facts(make_request(**UPDATE), agent=make_agent(autonomy_level="autonomous"), break_glass=glass)
    decision = decide(make_index(actions=actions), facts)
    (tier,) = [check for check in decision.checks if check.check == "risk_tier"]
    assert (decision.outcome, tier.code) == (outcome, code)
