"""What is unusual for an agent: the pure part (LIM-05)."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.anomaly import (
    Finding,
    anomaly_words,
    find_anomalies,
    hourly_median,
    list_rules,
    make_anomaly_table,
    usual_at_most,
)
from governance.domain.anomaly_checks import check_anomaly, find_crossed
from governance.domain.anomaly_coherence import anomaly_errors, name_anomaly
from governance.domain.budget_claims import volume_claims
from governance.domain.case import open_case
from governance.domain.check_result import denied, failed, passed
from governance.domain.compile_error import CompileError
from governance.domain.document import AnomalyRule
from governance.domain.facts import BudgetFacts
from tests.builders.policy import AGENT, make_document, make_facts, make_index

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
    assert anomaly_words(found[0]) == "21 requests within an hour, where 20 are usual at most"


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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signal": "mood"}, "the signal `mood` does not exist"),
        ({"window": "year"}, "the window `year` does not exist"),
        ({"floor": 0}, "a floor lies between 1 and 1000000000, a factor between 1 and 1000"),
        ({"floor": 10**9 + 1}, "a floor lies between 1 and 1000000000, a factor between 1 and 1000"),
        ({"factor": 0.9}, "a floor lies between 1 and 1000000000, a factor between 1 and 1000"),
        ({"factor": 1000.5}, "a floor lies between 1 and 1000000000, a factor between 1 and 1000"),
        ({"scope": "agent.unknown"}, "no grant names the agent `agent.unknown`"),
        ({"floor": 1, "factor": 1.0}, None),
        ({"floor": 10**9, "factor": 1000.0, "scope": AGENT}, None),
    ],
)
def test_a_row_is_refused_in_words_that_say_what_would_do(change, message):
    rule = msgspec.structs.replace(RULE, **change)
    errors = list(anomaly_errors(make_document(anomalies=(rule,))))
    assert [error.message for error in errors] == ([message] if message else [])
    assert {error.row for error in errors} <= {name_anomaly(rule)}


def test_a_row_is_named_as_people_know_it():
    assert name_anomaly(RULE) == "anomaly stop of volume an hour for `each agent`"
    assert name_anomaly(msgspec.structs.replace(RULE, scope=AGENT)) == f"anomaly stop of volume an hour for `{AGENT}`"
    (twice,) = anomaly_errors(make_document(anomalies=(RULE, RULE)))
    assert twice == CompileError(name_anomaly(RULE), "anomaly_twice", "two rows say what is unusual of the same thing")


@pytest.mark.parametrize(
    ("signal", "what"),
    [
        ("volume", "requests"),
        ("new_domains", "recipient domains that it never wrote to"),
        ("new_sequences", "sequences that it never used"),
        ("new_fields", "fields that it never wrote"),
    ],
)
def test_a_stop_says_what_was_unusual(signal, what):
    assert anomaly_words(Finding(signal, "day", 5, 3)) == f"5 {what} within a day, where 3 are usual at most"


def test_the_median_is_that_of_six_hours_at_least():
    assert hourly_median([9, 1, 5, 3, 7]) is None
    assert hourly_median([9, 1, 5, 3, 7, 11]) == 7
    assert hourly_median([2] * 6 + [90]) == 2
    assert usual_at_most(msgspec.structs.replace(RULE, window="day", floor=1), 2) == 144
    assert usual_at_most(msgspec.structs.replace(RULE, floor=1, factor=1.5), 3) == 5


class TestTheRequestThatCrossesTheLine:
    @staticmethod
    def case(used, **facts):
        index = make_index(anomalies=(RULE, MINUTE, FIELDS))
        return open_case(index, make_facts(budgets=used, **facts))

    @staticmethod
    def asked(used, window="hour", **changes):
        return BudgetFacts(
            **{"key": "volume", "value": AGENT, "unit": "volume", "window": window, **changes}, used=used
        )

    def test_it_is_denied_and_says_so(self):
        usual = passed("anomaly", "the agent asks for no more than usual")
        assert check_anomaly(self.case((self.asked(19),))) == usual
        words = "more than the 20 requests of an hour that are usual for this agent: it is stopped"
        crossed = self.case((self.asked(20),))
        assert check_anomaly(crossed) == denied("anomaly", "anomaly_volume", words)
        claims = volume_claims(crossed.index, crossed.facts)
        assert find_crossed(claims, crossed.facts) == Finding("volume", "hour", 21, 20)
        assert find_crossed(claims, self.case((self.asked(9, "minute"),)).facts) is None

    @pytest.mark.parametrize("change", [{"value": "agent.b"}, {"unit": "writes"}, {"key": "agent"}, {"window": "day"}])
    def test_what_others_asked_for_counts_for_nothing(self, change):
        assert check_anomaly(self.case((self.asked(999, **change),))).code == "ok"

    def test_what_could_not_be_counted_is_denied(self):
        unread = self.case(None)
        assert check_anomaly(unread) == failed("anomaly")
        assert find_crossed(volume_claims(unread.index, unread.facts), unread.facts) is None
        assert check_anomaly(self.case(None, is_second_look=True)).code == "ok"
