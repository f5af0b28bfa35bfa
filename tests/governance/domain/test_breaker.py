"""When a circuit breaker opens, is tried out and closes: the pure part (LIM-04)."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.breaker import Phase, Step, Tally, counted_since, is_watched, next_step, phase
from governance.domain.breaker_coherence import breaker_errors, list_mistakes
from governance.domain.breaker_words import figures
from governance.domain.compile_error import CompileError
from governance.domain.document import BreakerRule
from tests.builders.policy import NOW, make_document

RULE = BreakerRule(
    name="errors",
    signal="errors",
    environment="sandbox",
    window_seconds=600,
    min_calls=10,
    ratio=0.5,
    open_seconds=120,
    probes=3,
)
SPEND = msgspec.structs.replace(RULE, name="spend", signal="spend", ratio=0.0, amount=5_000_000, currency="EUR")
BOUNCES = msgspec.structs.replace(RULE, name="bounces", signal="bounces", actions=("send_email",))
HALF_OPEN = NOW - timedelta(seconds=120)
COUNTS = st.integers(0, 200)


@pytest.mark.parametrize(
    ("rule", "calls", "bad", "step"),
    [
        (RULE, 10, 5, Step.OPEN),
        (RULE, 10, 4, Step.STAY),
        (RULE, 9, 9, Step.STAY),  # too few to say anything
        (RULE, 0, 0, Step.STAY),
        (SPEND, 10, 5_000_000, Step.STAY),  # what was meant may be spent
        (SPEND, 10, 5_000_001, Step.OPEN),
        (SPEND, 9, 9_000_000, Step.STAY),
    ],
)
def test_a_closed_breaker_opens_at_its_threshold(rule, calls, bad, step):
    assert next_step(rule, None, Tally(calls, bad), NOW) is step


@pytest.mark.parametrize(
    ("rule", "calls", "bad", "step"),
    [
        (RULE, 2, 0, Step.STAY),  # a probe is still out
        (RULE, 3, 0, Step.CLOSE),
        (RULE, 3, 1, Step.OPEN),
        (RULE, 1, 1, Step.OPEN),  # the first bad one is enough
        (SPEND, 3, 5_000_000, Step.CLOSE),
        (SPEND, 1, 5_000_001, Step.OPEN),
        (msgspec.structs.replace(RULE, amount=7), 3, 1, Step.OPEN),  # an amount is for spend alone
        (BOUNCES, 3, 0, Step.STAY),  # a bounce takes its time
        (BOUNCES, 3, 1, Step.OPEN),
    ],
)
def test_a_half_open_breaker_hangs_on_its_probes(rule, calls, bad, step):
    assert next_step(rule, HALF_OPEN, Tally(calls, bad), NOW) is step


def test_what_is_reported_late_is_waited_for():
    assert next_step(BOUNCES, HALF_OPEN, Tally(3, 0), NOW + timedelta(seconds=119)) is Step.STAY
    assert next_step(BOUNCES, HALF_OPEN, Tally(3, 0), NOW + timedelta(seconds=120)) is Step.CLOSE


@given(calls=COUNTS, bad=COUNTS, age=st.integers(0, 119))
def test_an_open_breaker_stays_open_whatever_is_counted(calls, bad, age):
    opened_at = NOW - timedelta(seconds=age)
    assert phase(RULE, opened_at, NOW) is Phase.OPEN
    assert next_step(RULE, opened_at, Tally(calls, bad), NOW) is Step.STAY


@given(calls=COUNTS, bad=COUNTS, more=st.integers(1, 50))
def test_more_bad_calls_never_close_and_never_keep_from_opening(calls, bad, more):
    for opened_at in (None, HALF_OPEN):
        before = next_step(RULE, opened_at, Tally(calls, min(bad, calls)), NOW)
        after = next_step(RULE, opened_at, Tally(calls + more, min(bad, calls) + more), NOW)
        assert not (before is Step.OPEN and after is not Step.OPEN)
        assert after is not Step.CLOSE


@given(calls=COUNTS, bad=COUNTS)
def test_too_few_calls_never_open(calls, bad):
    rule = msgspec.structs.replace(RULE, min_calls=calls + 1)
    assert next_step(rule, None, Tally(calls, bad), NOW) is Step.STAY


@given(age=st.integers(0, 10_000))
def test_time_alone_makes_it_half_open(age):
    opened_at = NOW - timedelta(seconds=age)
    assert phase(RULE, opened_at, NOW) is (Phase.OPEN if age < RULE.open_seconds else Phase.HALF_OPEN)
    assert phase(RULE, None, NOW) is Phase.CLOSED


@given(window=st.integers(1, 10_000), ago=st.integers(0, 10_000))
def test_what_happened_before_it_closed_does_not_open_it_again(window, ago):
    rule = msgspec.structs.replace(RULE, window_seconds=window)
    closed_at = NOW - timedelta(seconds=ago)
    since = counted_since(rule, opened_at=None, closed_at=closed_at, now=NOW)
    assert since == max(closed_at, NOW - timedelta(seconds=window))
    assert counted_since(rule, opened_at=HALF_OPEN, closed_at=closed_at, now=NOW) == NOW


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "Errors!"}, "breaker_name"),
        ({"name": "x" * 61}, "breaker_name"),
        ({"name": "a,b"}, "breaker_name"),
        ({"signal": "mood"}, "unknown_value"),
        ({"environment": "moon"}, "unknown_value"),
        ({"actions": ("read",)}, "unknown_value"),
        ({"agent": "agent.unknown"}, "unknown_agent"),
        ({"ratio": 0.0}, "breaker_out_of_range"),
        ({"ratio": 1.01}, "breaker_out_of_range"),
        ({"ratio": float("nan")}, "breaker_out_of_range"),
        ({"window_seconds": 0}, "breaker_out_of_range"),
        ({"open_seconds": 0}, "breaker_out_of_range"),
        ({"min_calls": 0}, "breaker_out_of_range"),
        ({"probes": 0}, "breaker_out_of_range"),
        ({"currency": "EUR"}, "breaker_threshold"),
        ({"amount": 5}, "breaker_threshold"),
        ({"signal": "spend", "ratio": 0.0}, "breaker_out_of_range"),
        ({"signal": "spend", "ratio": 0.0, "amount": 5}, "breaker_threshold"),
        ({"signal": "bounces", "actions": ("update",)}, "breaker_signal"),
    ],
)
def test_what_cannot_work_is_not_published(change, code):
    """POL-03: the row is named."""
    errors = list(breaker_errors(make_document(breakers=(msgspec.structs.replace(RULE, **change),))))
    assert code in {error.code for error in errors}
    assert all(error.row.startswith("breaker `") for error in errors)


MONTH, MANY, MUCH = 2_592_000, 100_000, 10**15
THRESHOLD = "a breaker of spend has an amount and its currency, every other one a share"
LASTS = "a window and an open time last 1 to 2592000 seconds"
COUNTS_LIE = "least calls and probes lie between 1 and 100000"
SHARE = "a share is greater than 0 and at most 1"
AMOUNT = "an amount lies between 1 and 1000000000000000 millionths"


@pytest.mark.parametrize(
    ("base", "change", "messages"),
    [
        (RULE, {"name": "Errors!"}, ["a name has small letters, digits, `-` and `_`, 60 at most"]),
        (RULE, {"agent": "agent.unknown"}, ["no grant names the agent `agent.unknown`"]),
        (RULE, {"signal": "mood"}, ["the signal `mood` does not exist"]),
        (RULE, {"environment": "moon"}, ["the environment `moon` does not exist"]),
        (RULE, {"actions": ("read",)}, ["the action `read` does not exist, or asks for nothing"]),
        (BOUNCES, {"actions": ("update",)}, ["nothing bounces or complains about `update`: name sends"]),
        (RULE, {"window_seconds": MONTH + 1}, [LASTS]),
        (RULE, {"open_seconds": MONTH + 1}, [LASTS]),
        (RULE, {"min_calls": MANY + 1}, [COUNTS_LIE]),
        (RULE, {"probes": MANY + 1}, [COUNTS_LIE]),
        (RULE, {"ratio": 1.01}, [SHARE]),
        (RULE, {"ratio": 0.0}, [SHARE]),
        (SPEND, {"amount": 0}, [AMOUNT]),
        (SPEND, {"amount": MUCH + 1}, [AMOUNT]),
        (SPEND, {"currency": ""}, [THRESHOLD]),
        (SPEND, {"ratio": 0.5}, [THRESHOLD]),
        (RULE, {"currency": "EUR"}, [THRESHOLD]),
        (RULE, {"amount": 1}, [THRESHOLD]),
        (RULE, {"window_seconds": 1, "open_seconds": 1, "min_calls": 1, "probes": 1, "ratio": 1.0}, []),
        (RULE, {"window_seconds": MONTH, "open_seconds": MONTH, "min_calls": MANY, "probes": MANY}, []),
        (SPEND, {"amount": 1}, []),
        (SPEND, {"amount": MUCH}, []),
        (RULE, {"name": "x" * 60}, []),
    ],
)
def test_a_row_is_refused_in_words_that_say_what_would_do(base, change, messages):
    """POL-03: and the largest and the smallest that could be meant are not refused."""
    rule = msgspec.structs.replace(base, **change)
    assert [error.message for error in breaker_errors(make_document(breakers=(rule,)))] == messages


def test_a_form_is_told_what_is_wrong_with_its_row_alone():
    """Names and agents are told by the form itself; what a form has besides is passed over."""
    row = {name: getattr(RULE, name) for name in RULE.__struct_fields__} | {"id": 7, "agent": 3, "actions": None}
    assert list_mistakes(row) == []
    assert list_mistakes(row | {"signal": "mood"}) == ["the signal `mood` does not exist"]
    assert list_mistakes(row | {"actions": ["read"]}) == ["the action `read` does not exist, or asks for nothing"]
    assert list_mistakes(row | {"probes": 0, "ratio": 2.0}) == [COUNTS_LIE, SHARE]


@pytest.mark.parametrize(
    ("environment", "agent", "action", "is_covered"),
    [
        ("sandbox", "agent.a", "update", True),
        ("production", "agent.a", "update", False),
        ("sandbox", "agent.b", "update", False),
        ("sandbox", "agent.a", "create", False),
    ],
)
def test_a_breaker_watches_its_own_class_of_action(environment, agent, action, is_covered):
    rule = msgspec.structs.replace(RULE, agent="agent.a", actions=("update",))
    place = {"environment": environment, "agent": agent, "action": action}
    assert is_watched({"errors": rule}, **place) is is_covered
    assert is_watched({"errors": rule, "spend": SPEND}, **place) is (environment == "sandbox")
    assert not is_watched({}, **place)


def test_a_breaker_that_never_closed_counts_its_whole_window():
    assert counted_since(RULE, opened_at=None, closed_at=None, now=NOW) == NOW - timedelta(seconds=600)


def test_two_breakers_do_not_watch_the_same_thing():
    twin = msgspec.structs.replace(RULE, name="again", ratio=0.1)
    said = CompileError("breaker `again`", "breaker_twice", "two breakers have one name, or watch the same thing")
    assert list(breaker_errors(make_document(breakers=(RULE, twin)))) == [said]
    namesake = msgspec.structs.replace(SPEND, name="errors")
    assert [e.code for e in breaker_errors(make_document(breakers=(RULE, namesake)))] == ["breaker_twice"]
    assert list(breaker_errors(make_document(breakers=(RULE, SPEND, BOUNCES)))) == []


def test_figures_are_told_with_what_is_allowed():
    assert figures(RULE, Tally(10, 6)) == "6 of 10 attempts failed; it trips at 50%, from 10 on"
    rare = msgspec.structs.replace(RULE, ratio=0.003)
    assert "it trips at 0.3%" in figures(rare, Tally(10, 0))
    assert figures(SPEND, Tally(2, 7_500_000)) == "7.50 EUR spent, 5.00 allowed, in 2 requests"
