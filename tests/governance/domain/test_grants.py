"""PRM-02: a grant names agent, environment, object and action; each of them alone, when it is another, refuses."""

import msgspec
import pytest

from governance.domain.engine import decide
from tests.builders.policy import AGENT, GRANTS, make_agent, make_facts, make_index, make_request

GRANT = next(grant for grant in GRANTS if (grant.object, grant.action) == ("companies", "update"))


def decide_by(**changes):
    """The decision where the one grant says something else than what is asked."""
    return decide(make_index(grants=(msgspec.structs.replace(GRANT, **changes),)), make_facts(make_request()))


def refusal_of(decision):
    return next((check.code for check in decision.checks if check.check == "grant" and check.outcome == "deny"), "")


def test_the_grant_as_it_is_allows():
    assert decide_by().outcome == "allow"


@pytest.mark.parametrize(
    ("dimension", "other", "code"),
    [
        ("agent", "agent.routing", "not_granted"),
        ("connection", "crm-two", "not_granted"),
        ("environment", "production", "environment_not_granted"),
        ("object", "deals", "not_granted"),
        ("action", "create", "not_granted"),
    ],
)
def test_each_dimension_alone_refuses(dimension, other, code):
    """PRM-02: agent × environment × object × action; PRM-06: the other environment is told apart."""
    decision = decide_by(**{dimension: other})
    assert (decision.outcome, refusal_of(decision)) == ("deny", code)
    assert decision.patch == ()


@pytest.mark.parametrize(
    "asked",
    [
        {"request": make_request(action="create", record_id=None)},
        {"request": make_request(object="deals")},
        {"agent": make_agent(name="agent.routing")},
    ],
)
def test_asking_for_more_than_the_grant_says_is_refused(asked):
    """PRM-02: the same grants, and an agent that asks for another action, of another object, or is another."""
    decision = decide(make_index(grants=(GRANT,)), make_facts(**asked))
    assert (decision.outcome, refusal_of(decision)) == ("deny", "not_granted")


def test_grants_do_not_add_up_over_dimensions():
    """PRM-02: one grant with this object and one with this action make none with both."""
    by_object = msgspec.structs.replace(GRANT, action="create")
    by_action = msgspec.structs.replace(GRANT, object="deals", write_fields=("dealname",))
    decision = decide(make_index(grants=(by_object, by_action)), make_facts(make_request()))
    assert (decision.outcome, refusal_of(decision)) == ("deny", "not_granted")
    assert AGENT == by_object.agent == by_action.agent
