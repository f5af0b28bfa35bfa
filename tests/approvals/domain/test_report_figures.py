"""The figures of a report: exact, and honest where there is nothing (REP-01)."""

import statistics
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.domain.charts import Part, nice_top, share_dots, stacked_bars
from approvals.domain.measures import Measure
from approvals.domain.report import Counts, make_agent_lines, make_field_lines, make_figures, make_reasons
from approvals.domain.report_keys import WAITED
from approvals.domain.report_words import NOTHING, change_words, percent_words, value_words
from approvals.domain.statistics import percentile, share_of, waited_seconds
from approvals.domain.week_sums import Tally, sum_tallies
from approvals.domain.weeks import Week, read_week, week_of

AGENT, OTHER = UUID(int=1).hex, UUID(int=2).hex


def counts_of(tallies):
    """Counts of one day's (measure, agent, detail, count)."""
    return Counts(sum_tallies(Tally("2026-11-16", *tally) for tally in tallies))


EMPTY = counts_of([])


@given(st.lists(st.integers(0, 100), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_nearest_rank_of_the_plain_list(values, percent):
    counts = {value: values.count(value) for value in values}
    ranked = sorted(values)
    rank = -(-len(ranked) * percent // 100)
    assert percentile(counts, percent) == ranked[rank - 1]
    assert percentile(counts, 50) == statistics.median_low(ranked)


def test_nothing_has_no_percentile_and_no_share():
    assert percentile({}, 50) is None
    assert share_of(0, 0) is None


def test_more_than_all_is_all():
    assert share_of(3, 2).value == 1


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(count, total, low, high):
    """Figures of R. G. Newcombe, Stat. Med. 17 (1998), 857, and of the closed form."""
    share = share_of(count, total)
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(1, 10_000), st.data())
def test_an_interval_holds_its_share(total, data):
    share = share_of(data.draw(st.integers(0, total)), total)
    assert 0 <= share.low <= share.value <= share.high <= 1


@pytest.mark.parametrize(
    ("seconds", "kept"), [(-5, 0), (0, 0), (59.9, 59), (3599, 3599), (3661, 3660), (90_059, 90_000)]
)
def test_a_wait_is_kept_as_it_is_shown(seconds, kept):
    assert waited_seconds(timedelta(seconds=seconds)) == kept


def test_a_week_is_monday_to_sunday():
    week = week_of(date(2027, 1, 1))
    assert (week.monday, week.sunday, week.name) == (date(2026, 12, 28), date(2027, 1, 3), "2026-W53")
    assert week.next.before == week
    assert all(week_of(day) == week for day in week.days)


@pytest.mark.parametrize("text", ["", "x", "1999-12-31", "9999-12-31", "2026-13-01", "2026-11-18x"])
def test_what_is_no_day_names_no_week(text):
    assert read_week(text) is None


def test_figures_of_a_small_week():
    now = counts_of(
        [
            ("received", AGENT, "", 10),
            ("executed", AGENT, "", 4),
            ("denied_by_policy", AGENT, "", 2),
            ("denied_by_people", AGENT, "", 1),
            ("approved_by_people", AGENT, "", 3),
            ("reviewed", AGENT, "", 4),
            ("exception", AGENT, "", 2),
            ("code:denied_by_policy", AGENT, "rule_denied", 2),
            (WAITED, AGENT, "10", 3),
            (WAITED, AGENT, "600", 1),
            ("field:received", AGENT, "deals.a.b", 2),
        ]
    )
    figures = {figure.key: figure for figure in make_figures(now, EMPTY)}
    assert figures["acceptance"].value == 0.75
    assert figures["acceptance"].before is None
    assert figures["exceptions"].value == pytest.approx(200 / 7)
    assert (figures["median"].value, figures["p90"].value) == (10, 600)
    assert (figures["open"].value, figures["received"].before) == (3, 0)
    assert figures["bounces"].value is None
    assert [(reason.code, reason.count) for reason in make_reasons(now, EMPTY)] == [("rule_denied", 2)]
    (line,) = make_agent_lines(now, {AGENT: "agent.x", OTHER: "agent.y"})
    assert (line.name, line.counts[Measure.OPEN], line.median) == ("agent.x", 3, 10)
    (field,) = make_field_lines(now)
    assert (field.object, field.field) == ("deals", "a.b")


def test_what_cannot_be_measured_says_so():
    assert {value_words(figure.value, figure.unit) for figure in make_figures(EMPTY, EMPTY)} == {NOTHING, "0"}


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (1, "100 %"), (0.9999, "> 99.9 %"), (0.0001, "< 0.1 %"), (0.8421, "84.2 %")]
)
def test_only_all_is_a_hundred(share, words):
    assert percent_words(share) == words


def test_a_change_is_told_with_its_sign():
    now, before = counts_of([("received", AGENT, "", 3)]), counts_of([("received", AGENT, "", 1_005)])
    changes = {figure.key: change_words(figure) for figure in make_figures(now, before)}
    assert (changes["received"], changes["executed"], changes["acceptance"]) == ("−1,002", "as before", "")


def test_bars_fill_the_drawing_and_never_leave_it():
    bars = stacked_bars([("Mon", (Part(3, "good", "a"), Part(1, "bad", "b"))), ("Tue", ())])
    assert [tick.text for tick in bars.ticks] == ["0", "2", "4"]
    assert [(box.y, box.height) for box in bars.boxes] == [("49.0", "111.0"), ("12.0", "37.0")]
    assert stacked_bars([]).boxes == ()


def test_a_week_without_votes_breaks_the_line():
    dots = share_dots([("a", (0.5, 0.4, 0.6)), ("b", None), ("c", (1, 0.9, 1)), ("d", (0, 0, 0.1))])
    assert len(dots.dots) == 3
    assert len(dots.lines) == 1


@given(st.integers(0, 10**9))
def test_the_top_of_an_axis_is_near_and_even(most):
    top = nice_top(most)
    assert top >= most
    assert top % 2 == 0
    assert top <= max(2, most * 2.5)


def test_weeks_compare():
    assert Week(date(2026, 11, 16)) < Week(date(2026, 11, 23))
