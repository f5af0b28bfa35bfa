"""What the matrix says of one field, in the words that agents and reviewers read (PRM-04/07, REG-03/04/05, APR-11)."""

import pytest

from governance.domain.check_result import CheckResult
from governance.domain.commitment import is_guarded_name, is_human_commitment, is_opened
from governance.domain.engine import decide
from governance.domain.field_checks import is_true_here, judge_field
from governance.domain.field_plan import plan_field
from governance.domain.judged import Judged
from tests.builders.policy import field, make_facts, make_index, make_request

AGENT, HUMAN, REVERT = Judged.AGENT, Judged.HUMAN, Judged.REVERT


def said(changes, judged=AGENT):
    """What does not pass: check, outcome, code and sentence."""
    results = judge_field(field("x", **changes), judged)
    assert all(result.field == "x" for result in results)
    return [(r.check, r.outcome, r.code, r.message) for r in results if r.outcome != "pass"]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"review_state": "gone"}, ("review", "deny", "field_gone", "`x` is gone from the CRM's schema")),
        (
            {"review_state": "unreviewed"},
            ("review", "deny", "field_unreviewed", "`x` came or changed and nobody has reviewed it yet"),
        ),
        (
            {"review_state": "strange"},
            ("review", "deny", "field_unreviewed", "`x` came or changed and nobody has reviewed it yet"),
        ),
        ({"is_read_only": True}, ("read_only", "deny", "field_read_only", "`x` is written by the CRM itself")),
        (
            {"permission_level": "approval"},
            ("permission_level", "require_approval", "level_approval", "agents write `x` with approval only"),
        ),
        (
            {"revenue_field": "Opportunity stage"},
            ("permission_level", "require_approval", "level_approval", "`x` never changes without a person"),
        ),
        (
            {"permission_level": "read_only"},
            ("permission_level", "deny", "level_read_only", "agents may only read `x`"),
        ),
        (
            {"permission_level": "admin_only"},
            ("permission_level", "deny", "level_admin_only", "`x` is for administrators, never agents"),
        ),
        ({"permission_level": "blocked"}, ("permission_level", "deny", "level_blocked", "`x` is blocked for agents")),
        ({"permission_level": "strange"}, ("permission_level", "deny", "level_blocked", "`x` is blocked for agents")),
        (
            {"revenue_field": " close  DATE "},
            (
                "human_commitment",
                "deny",
                "human_commitment",
                "`x` is a human commitment, which no agent writes, whatever it is granted",
            ),
        ),
        (
            {"classification": "compliance"},
            ("classification", "deny", "compliance_field", "`x` records compliance; agents never write it"),
        ),
        (
            {"classification": "system_generated"},
            (
                "classification",
                "deny",
                "class_not_writable",
                "`x` is classified `system_generated`, which agents do not write",
            ),
        ),
        (
            {"allowed_writers": ("human",)},
            ("allowed_writers", "deny", "writer_not_allowed", "agents are not among the writers of `x`"),
        ),
        (
            {"allowed_writers": ()},
            ("allowed_writers", "deny", "writer_not_allowed", "agents are not among the writers of `x`"),
        ),
        (
            {"is_golden": True},
            ("golden_field", "deny", "golden_field", "`x` is golden: it changes by its one named path only"),
        ),
        (
            {"review_required": True},
            ("review_required", "require_approval", "review_required", "every change of `x` is looked at by a person"),
        ),
        (
            {"source_of_truth": "ERP"},
            ("source_of_truth", "deny", "truth_elsewhere", "the truth of `x` is kept in ERP, and is changed there"),
        ),
        (
            {"rollback_method": "by_hand"},
            ("rollback", "require_approval", "rollback_by_hand", "a write to `x` can only be put right by hand"),
        ),
        ({"rollback_method": "none"}, ("rollback", "require_approval", "irreversible", "`x` cannot be taken back")),
    ],
)
def test_an_agent_is_told_why_a_field_is_closed(changes, found):
    assert said(changes) == [found]


def test_a_human_commitment_is_told_twice_by_promise_and_by_class():
    """PRM-07: a wrong class alone cannot open it."""
    assert [(check, code) for check, _, code, _ in said({"classification": "human_commitment"})] == [
        ("human_commitment", "human_commitment"),
        ("classification", "class_not_writable"),
    ]
    assert said({"classification": "human_commitment"})[1][3] == "`x` is classified as a human commitment"


@pytest.mark.parametrize(
    ("changes", "judged", "found"),
    [
        ({"review_state": "unreviewed"}, HUMAN, []),
        ({"review_state": "unreviewed"}, REVERT, []),
        ({"review_state": "gone"}, REVERT, ["field_gone"]),
        ({"is_read_only": True}, REVERT, ["field_read_only"]),
        ({"allowed_writers": ()}, HUMAN, []),
        ({"allowed_writers": ("agent",)}, HUMAN, ["writer_not_allowed"]),
        ({"allowed_writers": ("agent",)}, REVERT, []),
        ({"permission_level": "blocked", "is_golden": True, "source_of_truth": "ERP"}, HUMAN, []),
    ],
)
def test_people_are_asked_less_and_taking_back_least(changes, judged, found):
    assert [code for _, _, code, _ in said(changes, judged)] == found


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"review_state": "unreviewed"}, "`x` is not reviewed yet; people may write it"),
        ({}, "`x` may be written by people"),
        ({"allowed_writers": ()}, "`x` names no writers; people may write it"),
    ],
)
def test_a_person_reads_why_they_may(changes, sentence):
    results = judge_field(field("x", **changes), HUMAN)
    assert sentence in [result.message for result in results]
    assert [result.check for result in results] == ["review", "read_only", "allowed_writers"]


def test_people_who_are_no_writers_are_told():
    assert said({"allowed_writers": ("agent",)}, HUMAN) == [
        ("allowed_writers", "deny", "writer_not_allowed", "people are not among the writers of `x`")
    ]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("amount", True),
        ("Amount__c", True),
        ("hs_closedate", True),
        ("close_date", True),
        ("hs_manual_forecast_category", True),
        ("amounts", False),
        ("industry", False),
    ],
)
def test_a_commitment_is_known_by_the_name_that_crms_give_it(name, is_one):
    assert is_human_commitment(field(name)) is is_one


@pytest.mark.parametrize(
    ("name", "revenue_field", "is_one"),
    [
        ("dealstage", "", True),
        ("StageName", "", True),
        ("x", "Lifecycle  Stage", True),
        ("x", "", False),
        ("backstage", "Backstage", False),
    ],
)
def test_stage_and_lifecycle_are_guarded(name, revenue_field, is_one):
    assert is_guarded_name(name, revenue_field) is is_one


def test_only_more_freedom_for_agents_opens_a_field():
    levels = ("blocked", "read_only", "admin_only", "approval", "safe_write")
    opened = {(old, new) for old in levels for new in levels if is_opened(old, new)}
    closed = ("blocked", "read_only", "admin_only")
    assert opened == {(old, new) for old in closed for new in ("approval", "safe_write")} | {("approval", "safe_write")}


def test_saying_nothing_of_the_truth_means_this_crm():
    assert [is_true_here(field("x", source_of_truth=said)) for said in (" ", "Crm", "AGENT", "Embedded", "erp")] == [
        True,
        True,
        True,
        True,
        False,
    ]


# what a plan adds: grants, and where a value goes instead


def test_a_plan_says_what_a_missing_grant_means():
    plan = plan_field(field("x", suggestion_field="agent_x"), AGENT)
    refused = "no grant names `x` for writing"
    assert plan.not_granted == CheckResult("scope", "deny", "field_not_granted", refused, "x")
    assert plan.not_granted_redirected == CheckResult(
        "scope", "redirect", "field_not_granted", f"{refused}; the value goes to `agent_x`", "x"
    )
    assert plan.no_suggestion == CheckResult(
        "redirect",
        "deny",
        "suggestion_unavailable",
        "the agent may not write `agent_x`, where suggestions for `x` go",
        "x",
    )
    assert (plan.redirect_code, plan.is_denied) == ("field_not_granted", False)


def test_a_plan_names_the_first_reason_why_a_value_goes_elsewhere():
    rule = field("x", suggestion_field="agent_x", permission_level="blocked", is_golden=True, review_required=True)
    plan = plan_field(rule, AGENT)
    assert (plan.redirect_code, plan.is_denied) == ("level_blocked", True)
    moved = {r.check: r.message for r in plan.redirected if r.outcome == "redirect"}
    assert moved == {
        "permission_level": "`x` is blocked for agents; the value goes to `agent_x`",
        "golden_field": "`x` is golden: it changes by its one named path only; the value goes to `agent_x`",
        "review_required": "every change of `x` is looked at by a person; the value goes to `agent_x`",
    }


@pytest.mark.parametrize(
    ("changes", "judged"),
    [({}, AGENT), ({"suggestion_field": "agent_x"}, HUMAN), ({"suggestion_field": "y", "is_read_only": True}, AGENT)],
)
def test_where_no_suggestion_can_mend_nothing_is_redirected(changes, judged):
    assert plan_field(field("x", permission_level="blocked", **changes), judged).redirected == ()


def test_approval_promotes_only_where_the_matrix_says_so():
    """REG-06."""
    rule = {"suggestion_field": "agent_x", "permission_level": "blocked"}
    assert plan_field(field("x", **rule), AGENT).promoting == ()
    words = "approving the suggestion also writes `x`, in the name of who approves"
    assert plan_field(field("x", promote_on_approval=True, **rule), AGENT).promoting == (
        CheckResult("promotion", "require_approval", "promotes_on_approval", words, "x"),
    )


def test_a_refused_field_hears_of_its_value_too():
    """One answer, all reasons: the next proposal need not find them one by one."""
    decision = decide(make_index(), make_facts(make_request(changes={"fresh_field": 7, "old_field": "x"})))
    said = {(check.check, check.field): (check.code, check.message) for check in decision.checks}
    assert said["validation", "fresh_field"] == ("validation_failed", "`fresh_field` takes text")
    assert said["validation", "old_field"] == ("ok", "the value for `old_field` is valid")
    assert said["scope", "fresh_field"] == ("ok", "`fresh_field` may be written")
