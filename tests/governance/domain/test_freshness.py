"""Freshness: enriched anew only after the window, and never by older data (REG-09)."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.coherence import find_errors
from governance.domain.engine import decide
from governance.domain.facts import EvidenceFacts, LastWrite, RecordFacts
from tests.builders.policy import NOW, field, make_document, make_facts, make_index, make_request

COUNTRY = field("country", refresh_after_days=30.0)


def ago(days):
    return NOW - timedelta(days=days)


def ask(*writes, observed=NOW, rule=COUNTRY, held="Sweden", readable=True, **facts):
    request = make_request(changes={"country": "Norway"}, evidence=EvidenceFacts(sources=1, observed_at=observed))
    record = RecordFacts(exists=True, values={"country": held}, last_writes=writes if readable else None)
    asked = msgspec.structs.replace(make_facts(request, record=record), **facts)
    return decide(make_index(fields=(rule,)), asked)


def written(days, *, is_by_agent=False, name="country"):
    return LastWrite(field=name, at=ago(days), is_by_agent=is_by_agent)


def codes(decision):
    return {check.code for check in decision.checks if check.check == "freshness"}


@pytest.mark.parametrize(
    ("writes", "observed", "code"),
    [
        ((), NOW, "ok"),
        ((written(31),), NOW, "ok"),
        ((written(30),), NOW, "ok"),
        ((written(29),), NOW, "still_fresh"),
        ((written(29, is_by_agent=True),), NOW, "still_fresh"),
        ((written(31),), ago(31), "ok"),
        ((written(31),), ago(32), "older_than_held"),
        ((written(90), written(40)), ago(50), "older_than_held"),
        ((written(1, name="industry"),), ago(50), "ok"),
        ((), None, "observed_at_missing"),
        ((written(90),), None, "observed_at_missing"),
        ((), NOW + timedelta(minutes=6), "observed_in_future"),
        ((), NOW + timedelta(minutes=5), "ok"),
    ],
)
def test_when_a_field_may_be_refreshed(writes, observed, code):
    decision = ask(*writes, observed=observed)

    assert codes(decision) == {code}
    assert decision.outcome == ("allow" if code == "ok" else "deny")


def test_it_says_when_the_field_may_be_refreshed():
    decision = ask(written(20))

    assert decision.retry_after_seconds == 10 * 86_400
    assert any("2031-05-27" in check.message for check in decision.reasons)


def test_a_history_that_could_not_be_read_denies():
    decision = ask(readable=False)

    assert (decision.outcome, codes(decision)) == ("deny", {"check_failed"})


def test_where_agents_are_the_truth_only_their_writes_count():
    rule = field("country", refresh_after_days=30.0, source_of_truth="agent")

    assert codes(ask(written(1), rule=rule)) == {"ok"}
    assert codes(ask(written(1, is_by_agent=True), rule=rule)) == {"still_fresh"}


def test_what_has_no_window_changes_nothing_or_is_a_persons_is_not_asked():
    assert codes(ask(written(1), rule=field("country"), observed=None)) == set()
    assert codes(ask(written(1), held="Norway")) == set()
    assert codes(ask(written(1), actor_type="human", agent=None, human_roles=("revops",))) == set()


@given(last=st.floats(0, 400), observed=st.floats(0, 400), days=st.floats(0.01, 300))
def test_nothing_is_written_within_the_window_or_over_newer_data(last, observed, days):
    decision = ask(written(last), observed=ago(observed), rule=field("country", refresh_after_days=days))

    if decision.outcome == "allow":
        assert ago(last) + timedelta(days=days) <= NOW
        assert ago(observed) >= ago(last)


@pytest.mark.parametrize(
    ("days", "is_refused"), [(0.0, True), (-1.0, True), (3_651.0, True), (0.5, False), (3_650.0, False)]
)
def test_a_window_is_positive_and_ends(days, is_refused):
    rule = field("country", refresh_after_days=days)
    errors = find_errors(make_document(fields=(rule,), grants=(), stages=()), {"revops": {"p"}})

    assert ("freshness_out_of_range" in {error.code for error in errors}) is is_refused


@pytest.mark.parametrize(
    ("writes", "observed", "words"),
    [
        (
            (written(20),),
            NOW,
            "`country` was written on 2031-04-27 09:30 UTC and may be refreshed from 2031-05-27 09:30 UTC",
        ),
        (
            (written(40),),
            ago(41),
            "the data is of 2031-04-06 09:30 UTC, and what `country` holds is of 2031-04-07 09:30 UTC",
        ),
        (
            (),
            None,
            "`country` is refreshed only by data that says when it was observed: every source needs `observed_at`",
        ),
        ((), NOW + timedelta(days=1), "nothing is observed in the future"),
        ((), NOW, "`country` may be refreshed"),
    ],
)
def test_an_agent_is_told_what_would_do(writes, observed, words):
    checks = [check for check in ask(*writes, observed=observed).checks if check.check == "freshness"]
    assert [(check.message, check.field) for check in checks] == [(words, "country")]


def test_who_has_to_wait_is_told_how_long():
    assert ask(written(29.9999999)).retry_after_seconds == 1
    assert ask(written(30 - 1 / 24)).retry_after_seconds == 3_600
    assert ask(written(40), observed=ago(41)).retry_after_seconds is None
    assert ask(written(20), readable=False).retry_after_seconds is None
