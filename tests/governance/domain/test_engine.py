"""The engine's promises: it never raises, never leaks, never depends on order, and asks nobody in vain (POL-01)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from governance.domain import engine, record_checks, transition_checks
from governance.domain.case import open_case
from governance.domain.document import ActionRule
from governance.domain.engine import REQUEST_CHECKS, WORLD_CHECKS, decide, decide_without_record
from governance.domain.facts import CorrectionFacts, SwitchFacts
from governance.domain.judged import Judged
from governance.domain.redirect import Placement, place_changes
from tests.builders.policy import (
    ACTIONS,
    FIELDS,
    NOW,
    field,
    make_agent,
    make_facts,
    make_human_facts,
    make_index,
    make_request,
    suggestion,
)

SECRET = "s3cret-in-an-exception"


class Explosive(str):
    """A value that fails whatever one does with it."""

    __slots__ = ()

    def strip(self, *_):
        raise RuntimeError(SECRET)

    def __eq__(self, _):
        raise RuntimeError(SECRET)

    def __hash__(self):
        raise RuntimeError(SECRET)


def codes(decision):
    return {check.code for check in decision.reasons}


@pytest.mark.parametrize(
    ("facts", "check"),
    [
        (make_facts(make_request(correlation_id=Explosive("c"))), "correlation"),
        (make_facts(workspace=Explosive("acme")), "workspace"),
        (make_facts(make_request(confidence="high")), "confidence"),
        (make_facts(make_request(confidence=None)), "confidence"),
        (make_facts(make_request(evidence=None)), "evidence"),
        (make_facts(agent=make_agent(lifecycle=Explosive("active"))), "lifecycle"),
        (make_facts(switches=None), "switch_all"),
        (make_facts(make_request(changes={"country": Explosive("Norway")})), "field"),
        (make_facts(record=msgspec.structs.replace(make_facts().record, values={})), "diff"),
    ],
)
def test_an_error_in_a_check_denies_names_the_check_and_keeps_the_error_to_itself(facts, check):
    decision = decide(make_index(), facts)
    assert decision.outcome == "deny"
    assert check in {result.check for result in decision.checks if result.code == "check_failed"}
    assert SECRET not in msgspec.json.encode(decision).decode()
    assert len(decision.checks) > 20  # the other checks ran all the same


@pytest.mark.parametrize("facts", [None, 7, make_facts(connection=None), make_facts(make_request(action=[]))])
def test_facts_that_are_none_deny(facts):
    for decision in (decide(make_index(), facts), decide_without_record(make_index(), facts)):
        assert decision.outcome == "deny"
        assert codes(decision) == {"check_failed"}


def test_no_index_denies():
    assert decide(None, make_facts()).outcome == "deny"


def test_a_stage_rule_on_a_field_that_was_not_read_denies():
    record = make_facts().record
    values = {name: value for name, value in record.values.items() if name != "loss_reason"}
    facts = make_facts(
        make_request(object="deals", changes={"dealstage": "lost"}),
        record=msgspec.structs.replace(record, values=values),
    )
    decision = decide(make_index(), facts)
    assert [check.check for check in decision.reasons if check.code == "check_failed"] == ["stage"]


def test_denial_outweighs_approval_outweighs_allowance():
    index = make_index()
    assert decide(index, make_facts(make_request(changes={"country": "Norway"}))).outcome == "allow"
    assert decide(index, make_facts(make_request(changes={"country": "N", "name": "A"}))).outcome == "require_approval"
    assert (
        decide(index, make_facts(make_request(changes={"country": "N", "name": "A", "fresh_field": "x"}))).outcome
        == "deny"
    )


def test_approval_without_a_group_to_give_it_is_denied():
    """Fail closed: nobody could ever vote."""
    actions = tuple(msgspec.structs.replace(rule, approver_groups=()) for rule in ACTIONS)
    decision = decide(make_index(actions=actions), make_facts(make_request(changes={"name": "Nova"})))
    assert decision.outcome == "deny"
    assert "no_approver_group" in codes(decision)


def test_the_order_in_which_changes_were_written_makes_no_difference():
    changes = {"country": "Norway", "industry": "Software", "fresh_field": "x", "next": 1}
    backwards = dict(reversed(changes.items()))
    index = make_index()
    one = msgspec.json.encode(decide(index, make_facts(make_request(changes=changes))))
    assert msgspec.json.encode(decide(index, make_facts(make_request(changes=backwards)))) == one


def test_the_order_of_rules_makes_no_difference():
    facts = make_facts()
    assert decide(make_index(fields=FIELDS[::-1]), facts) == decide(make_index(), facts)


def test_a_decision_does_not_touch_its_facts():
    facts = make_facts(make_request(object="deals", changes={"next_step": "Call"}))
    before = msgspec.json.encode(facts)
    decide(make_index(), facts)
    assert msgspec.json.encode(facts) == before


SCRIPT = """
import sys
import msgspec
from governance.domain.engine import decide
from tests.builders.policy import make_facts, make_human_facts, make_index, make_request
index = make_index()
for facts in (
    make_facts(),
    make_facts(make_request(object="deals", changes={"next_step": "Call", "amount": 5, "x": 1, "dealstage": "lost"})),
    make_facts(make_request(expected={"b": 1, "a": 2, "industry": "IT"}), agent=None),
    make_human_facts(),
):
    sys.stdout.buffer.write(msgspec.json.encode(decide(index, facts)))
"""


def test_every_process_gives_the_same_bytes():
    """Whatever seed its hashes have: the same facts and document decide the same, byte for byte."""
    root = Path(__file__).parents[3]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 5000


def test_the_json_form_of_a_decision_is_stable():
    decision = json.loads(msgspec.json.encode(decide(make_index(), make_facts(make_request(changes={"country": "N"})))))
    assert set(decision) == {
        "outcome",
        "policy_version",
        "risk_tier",
        "checks",
        "patch",
        "redirects",
        "requirement",
        "expires_after_seconds",
        "hold_seconds",
        "retry_after_seconds",
    }
    assert set(decision["checks"][0]) == {"check", "outcome", "code", "message", "field"}
    assert decision["patch"] == [{"field": "country", "before": "Norge", "after": "N"}]


class TestRedirect:
    """REG-05/06: the value goes to the suggestion field only where the agent may write that field in its own right."""

    def decide(self, fields, changes, **grant_changes):
        index = make_index(fields=fields)
        grants = tuple(
            msgspec.structs.replace(grant.rule, **grant_changes) if grant_changes else grant.rule
            for grant in index.grants.values()
            if grant.rule.object == "companies" and grant.rule.action == "update"
        )
        return decide(make_index(fields=fields, grants=grants), make_facts(make_request(changes=changes)))

    @pytest.mark.parametrize(
        "forbidden",
        [
            {"permission_level": "blocked"},
            {"permission_level": "read_only"},
            {"permission_level": "admin_only"},
            {"classification": "human_commitment"},
            {"classification": "unclassified"},
            {"allowed_writers": ("human",)},
            {"is_golden": True},
            {"revenue_field": "Amount"},
            {"is_golden": True, "review_required": True},
        ],
    )
    def test_a_forbidden_field_gives_way(self, forbidden):
        """PRM-04, REG-04, REG-05: a level, a class or a golden mark that closes a field sends the value to its twin."""
        fields = (field("industry", suggestion_field="twin", **forbidden), suggestion("twin"))
        decision = self.decide(fields, {"industry": "IT"}, write_fields=("industry", "twin"))
        assert decision.outcome == "deny"  # `twin` was not read
        assert [redirect.suggestion_field for redirect in decision.redirects] == ["twin"]
        record = msgspec.structs.replace(make_facts().record, values={"twin": None})
        index = make_index(fields=fields, grants=(make_grant("industry", "twin"),))
        decision = decide(index, make_facts(make_request(changes={"industry": "IT"}), record=record))
        assert decision.outcome == "allow"
        assert [(change.field, change.after) for change in decision.patch] == [("twin", "IT")]

    @pytest.mark.parametrize(
        "hopeless", [{"review_state": "unreviewed"}, {"is_read_only": True}, {"classification": "compliance"}]
    )
    def test_some_fields_take_no_suggestion_either(self, hopeless):
        fields = (field("industry", suggestion_field="twin", **hopeless), suggestion("twin"))
        decision = self.decide(fields, {"industry": "IT"}, write_fields=("industry", "twin"))
        assert (decision.outcome, decision.redirects) == ("deny", ())

    def test_a_required_field_whose_value_goes_to_its_suggestion_field_is_missing(self):
        """A record is not made without it: the suggestion stands beside an empty field."""
        fields = (
            field("name", is_required=True, permission_level="blocked", suggestion_field="twin"),
            suggestion("twin"),
        )
        grants = (msgspec.structs.replace(make_grant("name", "twin"), action="create"),)
        request = make_request(action="create", record_id=None, changes={"name": "Nova"})
        decision = decide(make_index(fields=fields, grants=grants), make_facts(request, record=None))
        assert [redirect.field for redirect in decision.redirects] == ["name"]
        (required,) = [check for check in decision.checks if check.check == "required"]
        assert (required.outcome, required.field) == ("deny", "name")

    @pytest.mark.parametrize(
        "closed",
        [
            {"review_state": "unreviewed"},
            {"permission_level": "blocked"},
            {"allowed_writers": ("human",)},
            {"classification": "compliance"},
        ],
    )
    def test_a_suggestion_field_that_is_closed_itself_opens_nothing(self, closed):
        fields = (field("industry", permission_level="blocked", suggestion_field="twin"), suggestion("twin", **closed))
        decision = self.decide(fields, {"industry": "IT"}, write_fields=("industry", "twin"))
        assert (decision.outcome, decision.redirects) == ("deny", ())
        assert "suggestion_unavailable" in codes(decision)

    def test_a_suggestion_field_that_is_not_granted_opens_nothing(self):
        fields = (field("industry", permission_level="blocked", suggestion_field="twin"), suggestion("twin"))
        decision = self.decide(fields, {"industry": "IT"}, write_fields=("industry",))
        assert {"level_blocked", "suggestion_unavailable"} <= codes(decision)

    def test_a_grant_of_the_suggestion_field_alone_redirects(self):
        fields = (field("industry", suggestion_field="twin"), suggestion("twin"))
        decision = self.decide(fields, {"industry": "IT"}, write_fields=("twin",))
        assert [(item.field, item.code) for item in decision.redirects] == [("industry", "field_not_granted")]

    def test_approval_of_the_field_left_alone_is_not_asked_for(self):
        fields = (field("industry", permission_level="approval", suggestion_field="twin"), suggestion("twin"))
        decision = self.decide(fields, {"industry": "IT"}, write_fields=("twin",))
        assert "require_approval" not in {check.outcome for check in decision.checks}

    def test_a_suggestion_is_not_passed_on_to_a_further_one(self):
        fields = (
            field("industry", permission_level="blocked", suggestion_field="twin"),
            suggestion("twin", permission_level="blocked", suggestion_field="third"),
            suggestion("third"),
        )
        decision = self.decide(fields, {"industry": "IT"}, write_fields=("industry", "third", "twin"))
        assert (decision.outcome, decision.redirects) == ("deny", ())

    def test_people_are_not_redirected(self):
        fields = (field("industry", is_read_only=True, suggestion_field="twin"), suggestion("twin"))
        decision = decide(make_index(fields=fields), make_human_facts(make_request(changes={"industry": "IT"})))
        assert (decision.outcome, decision.redirects) == ("deny", ())


def make_grant(*write_fields):
    grant = next(entry.rule for entry in make_index().grants.values() if entry.rule.action == "update")
    return msgspec.structs.replace(grant, object="companies", write_fields=write_fields)


class TestWithoutTheRecord:
    def test_a_definite_denial_needs_no_record(self):
        request = make_request(changes={"fresh_field": "x"})
        decision = decide_without_record(make_index(), make_facts(request, record=None))
        assert decision.outcome == "deny"
        assert codes(decision) == {"field_unreviewed"}
        assert {check.check for check in decision.checks if check.outcome == "not_run"} == {
            "record",
            "diff",
            "required",
            "stage",
            "transition",
            "score",
            "rules",
            *dict(WORLD_CHECKS[Judged.AGENT]).keys() - {"delegation", "risk_tier"},
        }

    def test_what_was_not_looked_at_is_said_to_be_so(self):
        """POL-02: a reviewer tells what passed from what nobody looked at."""
        request = make_request(changes={"fresh_field": "x"})
        early = decide_without_record(make_index(), make_facts(request, record=None))
        told = {check.check: (check.code, check.message) for check in early.checks if check.outcome == "not_run"}
        assert told["record"] == ("record_not_read", "the record was not read: nothing in it could lift the denial")
        assert told["budgets"] == ("not_asked", "not looked up: nothing there could lift the denial")
        send = make_request(action="send_email", record_id=None, changes={})
        told = {check.check: check.message for check in decide_without_record(make_index(), make_facts(send)).checks}
        assert told["record"] == "the action works on no existing record"

    def test_what_a_delegation_or_a_break_glass_may_still_lift_is_looked_up(self):
        request = make_request(on_behalf_of="rep@example.com")
        assert decide_without_record(make_index(), make_facts(request, record=None)) is None
        blocked = make_index(actions=(msgspec.structs.replace(ACTIONS[0], risk_tier="blocked"),))
        assert decide_without_record(blocked, make_facts(record=None)) is None
        request = make_request(changes={"fresh_field": "x"}, on_behalf_of="rep@example.com")
        decision = decide_without_record(make_index(), make_facts(request, record=None))
        assert {check.outcome for check in decision.checks if check.check == "delegation"} == {"not_run"}

    def test_what_the_record_may_still_decide_waits_for_it(self):
        assert decide_without_record(make_index(), make_facts(record=None)) is None
        request = make_request(changes={"name": "Nova"})
        assert decide_without_record(make_index(), make_facts(request, record=None)) is None

    def test_what_makes_a_record_is_denied_at_once_or_goes_on_to_what_is_looked_up(self):
        request = make_request(action="create", record_id=None, changes={"name": "Nova"})
        assert decide_without_record(make_index(), make_facts(request, record=None)) is None
        request = make_request(action="create", record_id=None, changes={"industry": "Software"})
        decision = decide_without_record(make_index(), make_facts(request, record=None))
        assert codes(decision) == {"tier_approval", "validation_failed"}

    @pytest.mark.parametrize(
        ("changes", "code"), [({"record_id": None}, "record_id_missing"), ({"changes": {}}, "empty_diff")]
    )
    def test_what_no_record_could_mend_is_denied_at_once(self, changes, code):
        decision = decide_without_record(make_index(), make_facts(make_request(**changes), record=None))
        assert codes(decision) == {code}


def test_people_are_exempt_from_agents_checks_and_from_no_others():
    """What a person skips is about agents, and nothing else."""
    agent, human, revert = (dict(REQUEST_CHECKS[judged]) for judged in Judged)
    assert agent.keys() - human.keys() == {
        "lifecycle",
        "target",
        "credential",
        "autonomy",
        "switch_agent",
        "switch_read_only",
        "breaker",
        "grant",
        "expected",
        "evidence",
        "confidence",
        "risk_flags",
        "reversibility",
        "export",
    }
    assert human.keys() - agent.keys() == {"role"}
    assert human == revert


@pytest.mark.parametrize(("method", "code"), [("none", "irreversible"), ("by_hand", "rollback_by_hand")])
def test_what_cannot_be_taken_back_by_a_click_takes_a_person(method, code):
    """APR-11, REG-03: the matrix's rollback method decides."""
    index = make_index(fields=(field("country", rollback_method=method),))
    decision = decide(index, make_facts(make_request(changes={"country": "Norway"})))
    assert decision.outcome == "require_approval"
    assert [(check.check, check.code) for check in decision.reasons] == [("rollback", code)]


@pytest.mark.parametrize("source", ["", "CRM", "agent", "embedded", " crm "])
def test_a_field_whose_truth_is_here_is_written(source):
    index = make_index(fields=(field("country", source_of_truth=source),))
    assert decide(index, make_facts(make_request(changes={"country": "Norway"}))).outcome == "allow"


def test_what_another_system_states_is_not_overwritten_but_suggested():
    """REG-03: the source of truth decides; a suggestion field takes the agent's value."""
    country = field("country", source_of_truth="ERP")
    request = make_request(changes={"country": "Norway"})
    refused = decide(make_index(fields=(country,)), make_facts(request))
    assert [check.code for check in refused.reasons] == ["truth_elsewhere"]
    twin = msgspec.structs.replace(country, suggestion_field="agent_linkedin")
    suggested = decide(make_index(fields=(twin, suggestion("agent_linkedin"))), make_facts(request))
    assert suggested.outcome == "allow"
    assert [redirect.code for redirect in suggested.redirects] == ["truth_elsewhere"]


def test_the_owner_group_of_a_field_that_asks_is_asked_beside_the_actions_groups():
    """APR-05, REG-03: routing by the matrix."""
    fields = (
        field("country", permission_level="approval", owner="data-stewards"),
        field("industry", owner="not-asked"),
    )
    request = make_request(changes={"country": "Norway", "industry": "Software"})
    decision = decide(make_index(fields=fields), make_facts(request))
    assert decision.requirement.groups == ("data-stewards", "revops")
    alone = make_index(fields=fields, actions=(ActionRule(action="update", risk_tier="gated"),))
    assert decide(alone, make_facts(request)).outcome == "deny"


CORRECTED = CorrectionFacts(person="p", at=NOW, fields=("country",), groups=("legal",), count=2)


class TestConclusion:
    """What a decision says beside its outcome (POL-01)."""

    def test_it_names_the_policy_and_how_long_it_holds(self):
        actions = tuple(msgspec.structs.replace(rule, expires_after_seconds=77, hold_seconds=5) for rule in ACTIONS)
        index = make_index(actions=actions)
        decision = decide(index, make_facts())
        assert decision.policy_version == index.version
        assert (decision.expires_after_seconds, decision.hold_seconds) == (77, 5)
        assert decision.retry_after_seconds is None

    def test_an_action_without_a_rule_has_the_longest_life_and_no_window(self):
        decision = decide(make_index(actions=()), make_facts())
        assert (decision.outcome, decision.risk_tier) == ("deny", "blocked")
        assert (decision.expires_after_seconds, decision.hold_seconds) == (86_400, 0)

    def test_a_correction_takes_the_approvals_of_before(self):
        """APR-12."""
        decision = decide(make_index(), make_facts(correction=CORRECTED))
        assert (decision.outcome, decision.requirement.groups, decision.requirement.count) == (
            "require_approval",
            ("legal",),
            2,
        )
        check = next(item for item in decision.checks if item.check == "correction")
        assert (check.code, check.outcome) == ("corrected_by_person", "require_approval")

    def test_earlier_groups_do_not_answer_for_what_nobody_may_approve(self):
        """APR-12: something else asks, and policy names nobody for it."""
        actions = tuple(msgspec.structs.replace(rule, approver_groups=()) for rule in ACTIONS)
        facts = make_facts(make_request(changes={"name": "Nova"}), correction=CORRECTED)
        assert decide(make_index(actions=actions), facts).outcome == "deny"

    def test_a_denial_without_the_record_shows_an_empty_patch(self):
        decision = decide_without_record(make_index(), make_facts(switches=SwitchFacts(is_all_stopped=True)))
        assert (decision.outcome, decision.patch, decision.requirement) == ("deny", (), None)

    @pytest.mark.parametrize("name", ["record", "required", "transition", "score", "freshness", "stage", "diff"])
    def test_a_check_of_the_record_that_breaks_is_named(self, name, monkeypatch):
        """POL-02: a reviewer reads which check could not be made."""

        def broken(*_args, **_more):
            raise RuntimeError(SECRET)

        module = transition_checks if name in {"transition", "score"} else record_checks
        if name == "freshness":
            monkeypatch.setattr(engine, "check_freshness", broken)
        else:
            monkeypatch.setattr(module, f"check_{name}", broken)
        decision = decide(make_index(), make_facts())
        broke = [check.check for check in decision.checks if check.code == "check_failed"]
        assert (decision.outcome, decision.patch, broke) == ("deny", (), [name])

    @pytest.mark.parametrize("name", ["record", "required", "transition", "score", "stage", "diff"])
    def test_a_check_of_the_record_that_breaks_leaves_the_others_to_be_seen(self, name, monkeypatch):
        """POL-01: all checks run and are kept, whichever of them could not be made."""
        whole = [check.check for check in decide(make_index(), make_facts()).checks]

        def broken(*_args, **_more):
            raise RuntimeError(SECRET)

        module = transition_checks if name in {"transition", "score"} else record_checks
        monkeypatch.setattr(module, f"check_{name}", broken)

        assert [check.check for check in decide(make_index(), make_facts()).checks] == whole

    def test_what_is_asked_of_a_patch_that_could_not_be_made_is_kept_as_not_asked(self):
        """POL-01, POL-02."""
        facts = make_facts(record=msgspec.structs.replace(make_facts().record, values={}))
        kept = {check.check: check.code for check in decide(make_index(), facts).checks}
        assert kept["diff"] == "check_failed"
        assert {kept[name] for name in ("required", "stage", "transition", "score", "freshness")} == {"not_asked"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"country": Explosive("Norway")}, "check_failed"),
        ({"unknown": "x"}, "unknown_field"),
        ({"fresh_field": "x"}, "field_unreviewed"),
    ],
)
def test_a_field_without_a_place_is_named_and_leaves_the_change_in_pieces(changes, code):
    """REG-05: nothing of a change is written unless all of it has a place."""
    case, placement = open_case(make_index(), make_facts(make_request(changes=changes))), Placement([])
    place_changes(case, placement)
    assert placement.is_whole is False
    assert (code, *changes) in {(check.code, check.field) for check in placement.checks}
