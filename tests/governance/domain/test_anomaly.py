"""What is unusual for an agent: the pure part (LIM-05)."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.anomaly import (
    anomaly_words,
    find_anomalies,
    hourly_median,
    list_rules,
    make_anomaly_table,
    usual_at_most,
)
from governance.domain.anomaly_coherence import anomaly_errors
from governance.domain.document import AnomalyRule
from tests.builders.policy import AGENT, make_document

RULE = AnomalyRule(signal="volume", window="hour", floor=20, factor=3.0)
MINUTE = AnomalyRule(signal="volume", window="minute", floor=10, factor=5.0)
FIELDS = AnomalyRule(signal="new_fields", window="hour", floor=3)
TABLE = make_anomaly_table([RULE, MINUTE, FIELDS, msgspec.structs.replace(FIELDS, scope="agent.b", floor=9)])


@pytest.mark.parametrize(
    ("rule", "usual", "limit"),
    [
        (RULE, None, 20),  # a new agent: the floor
        (RULE, 5, 20),
        (RULE, 50, 150),
        (MINUTE, 50, 10),
        (MINUTE, 600, 50),  # ten a minute are usual, five times that are allowed
        (FIELDS, 10_000, 3),  # what is new has no usual amount
    ],
)
def test_what_is_still_usual(rule, usual, limit):
    assert usual_at_most(rule, usual) == limit


@given(usual=st.one_of(st.none(), st.integers(0, 10**6)), floor=st.integers(1, 10**4))
def test_the_floor_always_holds(usual, floor):
    assert usual_at_most(msgspec.structs.replace(RULE, floor=floor), usual) >= floor


@given(hours=st.lists(st.integers(1, 100), min_size=7, max_size=200), wild=st.integers(10**4, 10**9))
def test_one_wild_hour_does_not_become_the_measure(hours, wild):
    assert hourly_median([*hours, wild]) <= max(hours)
    assert hourly_median(hours[:5]) is None


def test_findings_name_what_is_over_and_nothing_else():
    counted = {("volume", "hour"): 21, ("volume", "minute"): 10, ("new_fields", "hour"): 4}
    found = find_anomalies(TABLE, "agent.a", counted, usual=None, is_learning=False)
    assert [(item.signal, item.count, item.limit) for item in found] == [("volume", 21, 20), ("new_fields", 4, 3)]
    assert anomaly_words(found[0]) == "21 requests within a hour, where 20 are usual at most"


def test_a_new_agent_may_write_new_fields_and_one_agent_has_its_own_line():
    counted = {("new_fields", "hour"): 8}
    assert find_anomalies(TABLE, "agent.a", counted, usual=None, is_learning=True) == ()
    assert find_anomalies(TABLE, "agent.b", counted, usual=None, is_learning=False) == ()
    assert [rule.floor for rule in list_rules(TABLE, "agent.b", "new_fields")] == [9]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"signal": "mood"}, "unknown_value"),
        ({"window": "year"}, "unknown_value"),
        ({"floor": 0}, "anomaly_out_of_range"),
        ({"factor": 0.5}, "anomaly_out_of_range"),
        ({"factor": float("nan")}, "anomaly_out_of_range"),
        ({"scope": "agent.unknown"}, "unknown_agent"),
    ],
)
def test_what_cannot_work_is_not_published(change, code):
    errors = list(anomaly_errors(make_document(anomalies=(msgspec.structs.replace(RULE, **change),))))
    assert [error.code for error in errors] == [code]


def test_two_lines_for_the_same_thing_are_refused():
    own = msgspec.structs.replace(RULE, scope=AGENT)
    assert [e.code for e in anomaly_errors(make_document(anomalies=(RULE, RULE)))] == ["anomaly_twice"]
    assert list(anomaly_errors(make_document(anomalies=(RULE, own, MINUTE)))) == []
