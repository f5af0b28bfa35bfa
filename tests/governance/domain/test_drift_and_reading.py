"""What the record must still hold, and what of it is read for whom."""

import pytest

from governance.domain.document import BudgetRule
from governance.domain.drift import Drift, find_drift, is_same
from governance.domain.facts import RecordFacts
from governance.domain.reading import fields_to_read, readable_fields
from tests.builders.policy import AGENT, make_index

HELD = RecordFacts(exists=True, values={"industry": "IT", "size": 2, "open": True, "note": None})


@pytest.mark.parametrize(
    "expected", [{}, {"industry": "IT"}, {"size": 2.0}, {"note": ""}, {"note": None, "open": True, "size": 2}]
)
def test_no_drift(expected):
    assert find_drift(expected, HELD) == ()


@pytest.mark.parametrize(
    ("expected", "drift"),
    [
        ({"industry": "it"}, Drift("industry", "it", "IT")),
        ({"industry": None}, Drift("industry", None, "IT")),
        ({"size": "2"}, Drift("size", "2", 2)),
        ({"open": 1}, Drift("open", 1, True)),
        ({"note": 0}, Drift("note", 0, None)),
        ({"unread": 5}, Drift("unread", 5, None, is_known=False)),
        ({"unread": None}, Drift("unread", None, None, is_known=False)),
    ],
)
def test_drift(expected, drift):
    assert find_drift(expected, HELD) == (drift,)


def test_drifts_come_in_the_order_of_fields():
    assert [drift.field for drift in find_drift({"size": 1, "industry": 1}, HELD)] == ["industry", "size"]


@pytest.mark.parametrize(
    ("left", "right"), [(float("nan"), float("nan")), (0, False), (1, "1"), (0, None), (False, "")]
)
def test_never_the_same(left, right):
    assert not is_same(left, right)
    assert not is_same(right, left)


def test_a_decision_reads_the_fields_their_suggestion_fields_and_what_stages_need():
    index = make_index()
    read = fields_to_read(index, connection="embedded", object_type="deals", fields=["next_step", "nonsense"])
    assert read == ("agent_next_step", "dealstage", "loss_reason", "next_step")
    assert fields_to_read(index, connection="embedded", object_type="ghosts", fields=["x"]) == ()
    assert fields_to_read(index, connection="embedded", object_type="companies", fields=["old_field"]) == ()


def reads(**changes):
    values = {"agent": AGENT, "connection": "embedded", "environment": "sandbox", "object_type": "companies"}
    return readable_fields(make_index(), action="read", **{**values, **changes})


def test_an_agent_reads_what_its_grant_names():
    """PRM-03: read fields apart from write fields."""
    assert reads() == ("name",)


@pytest.mark.parametrize(
    "elsewhere",
    [{"agent": "agent.other"}, {"environment": "production"}, {"object_type": "deals"}, {"connection": "other"}],
)
def test_an_agent_reads_nothing_without_a_grant(elsewhere):
    assert reads(**elsewhere) == ()


def test_the_field_that_tells_a_budget_s_segment_is_read():
    """LIM-01: a budget by segment counts whatever else the request changes."""
    budget = BudgetRule(key="segment", unit="writes", window="day", limit=1, segment_field="country")
    read = fields_to_read(
        make_index(budgets=(budget,)), connection="embedded", object_type="companies", fields=["industry"]
    )
    assert read == ("country", "industry")
