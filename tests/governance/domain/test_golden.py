"""Golden cases in the pure engine (POL-05)."""

import msgspec
import pytest

from governance.domain.golden import Golden, find_faults, run_golden
from tests.builders.policy import ACTIONS, FIELDS, field, make_agent, make_facts, make_index


def case(facts=None, *, outcome="allow", codes=()):
    return Golden(
        id="1", name="Industry", facts=msgspec.to_builtins(facts or make_facts()), outcome=outcome, codes=codes
    )


def strict(**changes):
    """The small policy with another rule for `industry`."""
    wanted = field("industry", type="picklist", options=("IT", "Software"), **changes)
    return make_index(fields=(wanted, *FIELDS[1:]), actions=ACTIONS)


def test_a_case_that_policy_still_decides_as_it_must_holds():
    (result,) = run_golden(make_index(), [case()])
    assert result.is_kept
    assert result.outcome == "allow"


def test_a_failing_case_says_which_check_differs():
    """POL-05: a failing case blocks, saying which check differs."""
    (result,) = run_golden(strict(permission_level="blocked"), [case()])
    assert not result.is_kept
    (told,) = result.differences
    assert "refused, not allowed" in told
    assert "permission_level on industry" in told


def test_the_expected_reason_must_be_given_even_when_the_outcome_is_right():
    (result,) = run_golden(strict(permission_level="blocked"), [case(outcome="deny", codes=("golden_field",))])
    assert result.differences == ("the reason golden_field is no longer given",)


def test_a_refusal_without_a_record_is_asked_as_it_was_made():
    facts = make_facts(agent=make_agent(lifecycle="quarantined"), record=None)
    (result,) = run_golden(make_index(), [case(facts, outcome="deny")])
    assert result.is_kept


def test_a_policy_that_wants_to_see_the_record_cannot_be_asked_without_one():
    (result,) = run_golden(make_index(), [case(make_facts(record=None), outcome="deny")])
    assert not result.is_kept


@pytest.mark.parametrize("facts", [None, [], "x", {}, {"now": "yesterday"}])
def test_facts_that_nobody_can_read_fail_their_case_and_are_refused_where_they_are_written(facts):
    (result,) = run_golden(make_index(), [Golden(id="1", name="Bad", facts=facts, outcome="allow")])
    assert not result.is_kept
    assert dict(find_faults(facts, [])).keys() == {"facts"}


@pytest.mark.parametrize("codes", ["golden_field", [1], [""], None])
def test_codes_are_a_list_of_words(codes):
    assert dict(find_faults(msgspec.to_builtins(make_facts()), codes)).keys() == {"expected_codes"}
