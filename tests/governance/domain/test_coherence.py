"""Documents that contradict themselves or name what does not exist are refused, row by row (POL-03)."""

import msgspec
import pytest

from governance.domain.coherence import find_errors
from governance.domain.document import ActionRule, StageRule
from governance.domain.index import compile_index
from tests.builders.policy import FIELDS, GRANTS, field, make_document

MEMBERS = {"revops": {"ann", "bob"}}
SOUND = tuple(
    rule
    for rule in FIELDS
    if rule.field not in {"linkedin", "legal_basis", "amount", "closedate", "forecast", "dealstage"}
)


def codes(members=MEMBERS, **changes):
    values = {"fields": SOUND, "grants": (), "stages": (), **changes}
    return [error.code for error in find_errors(make_document(**values), members)]


def grant(**changes):
    return msgspec.structs.replace(GRANTS[3], **changes)


def stage(**changes):
    values = {"connection": "embedded", "object": "companies", "stage_field": "industry", "stage": "IT"}
    return StageRule(**{**values, "required_fields": ("country",), **changes})


def tier(**changes):
    return ActionRule(**{"action": "update", "risk_tier": "approval", "approver_groups": ("revops",), **changes})


def test_a_sound_document_has_no_errors():
    assert codes(grants=(GRANTS[3],), stages=(stage(),)) == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (field("x", suggestion_field="x"), "suggestion_itself"),
        (field("x", suggestion_field="nowhere"), "suggestion_unknown"),
        (field("x", suggestion_field="title"), "suggestion_unknown"),  # registered, but of another object
        (field("x", is_golden=True), "golden_writable"),
        (field("x", classification="human_commitment"), "commitment_writable"),
        (field("x", classification="human_commitment", permission_level="approval"), "commitment_writable"),
        (field("x", revenue_field="Close  DATE"), "commitment_writable"),
        (field("Amount"), "commitment_writable"),
        (field("hs_manual_forecast_category"), "commitment_writable"),
        (field("ForecastCategoryName"), "commitment_writable"),
        (field("lifecyclestage"), "guarded_safe_write"),
        (field("Lifecycle_Stage__c"), "guarded_safe_write"),
        (field("x", allowed_writers=("agent", "robots")), "unknown_writer"),
        (field("x", type="matrix"), "unknown_value"),
        (field("x", permission_level="all"), "unknown_value"),
        (field("x", classification="nice"), "unknown_value"),
        (field("x", rollback_method="pray"), "unknown_value"),
        (field("x", owner="account executive"), "owner_unknown"),
        (field("x", owner_person="ann"), "owner_person_outside"),
        (field("x", owner="revops", owner_person="cid"), "owner_person_outside"),
        (field("x", review_state="maybe"), "unknown_value"),
    ],
)
def test_fields(rule, code):
    assert codes(fields=(*SOUND, rule)) == [code]


def test_suggestion_fields_never_lead_in_a_circle():
    ring = (field("a", suggestion_field="b"), field("b", suggestion_field="c"), field("c", suggestion_field="a"))
    assert codes(fields=(*SOUND, *ring)) == ["suggestion_cycle"] * 3


def test_two_fields_do_not_share_a_suggestion_field():
    pair = (field("a", suggestion_field="country"), field("b", suggestion_field="country"))
    assert codes(fields=(*SOUND, *pair)) == ["suggestion_shared"]


def test_a_guarded_field_may_be_raised_to_approval():
    assert codes(fields=(*SOUND, field("lifecyclestage", permission_level="approval"))) == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (grant(write_fields=("title", "nowhere")), "unknown_field"),
        (grant(read_fields=("*",)), "unknown_field"),
        (grant(object="ghosts"), "unknown_object"),
        (grant(connection="elsewhere"), "unknown_object"),
        (grant(action="obliterate"), "unknown_value"),
        (grant(action="draft"), "wrong_object"),
        (grant(action="read", read_fields=("title",)), "read_writes"),
    ],
)
def test_grants(rule, code):
    assert codes(grants=(rule,)) == [code]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (tier(approver_groups=()), "approval_without_group"),
        (tier(approver_groups=("ghosts",)), "empty_group"),
        (tier(approvals_needed=0), "no_approvals_needed"),
        (tier(approvals_needed=3), "too_few_approvers"),
        (tier(min_confidence=1.1), "confidence_out_of_range"),
        (tier(min_confidence=float("nan")), "confidence_out_of_range"),
        (tier(expires_after_seconds=0), "expires_at_once"),
        (tier(action="read"), "unknown_value"),
        (tier(risk_tier="fine"), "unknown_value"),
    ],
)
def test_tiers(rule, code):
    assert codes(actions=(rule,)) == [code]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (stage(stage_field="nowhere"), "unknown_field"),
        (stage(stage="Hardware"), "unknown_option"),
        (stage(stage_field="country"), "unknown_option"),
        (stage(required_fields=("nowhere",)), "unknown_field"),
    ],
)
def test_stages(rule, code):
    assert codes(stages=(rule,)) == [code]


def test_errors_name_their_row_and_come_in_order():
    errors = find_errors(
        make_document(fields=SOUND, stages=(), grants=(grant(object="ghosts"),), actions=(tier(approver_groups=()),)),
        MEMBERS,
    )
    assert [error.row for error in errors] == [
        "grant of `agent.enrichment` to `create_task` `ghosts` on `embedded` (sandbox)",
        "tier of `update`",
    ]


@pytest.mark.parametrize(
    "twice", [{"grants": GRANTS[:1] * 2}, {"fields": FIELDS[:1] * 2}, {"actions": (tier(), tier())}]
)
def test_two_rules_for_one_thing_are_not_indexed(twice):
    with pytest.raises(ValueError, match="two rules"):
        compile_index(make_document(**twice), version="v")
