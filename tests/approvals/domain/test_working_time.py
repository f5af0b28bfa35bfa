"""Business hours: the fast way agrees with walking minute by minute, over changes of the clock (EXC-02)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.domain.duty import Duty, on_duty
from approvals.domain.working_time import WorkCalendar, after_working, local_day

OFFICE = WorkCalendar(days=frozenset(range(5)), opens=time(9), closes=time(17), zone="Europe/Zurich")
MINUTE = timedelta(minutes=1)
BEGIN = datetime(2026, 3, 20, tzinfo=UTC)
"""Europe sets its clocks forward on the 29th."""


def naive(start, length, calendar):
    """Step by minutes, asking each whether it is worked."""
    zone, at, left = ZoneInfo(calendar.zone), start, length
    while left:
        local = at.astimezone(zone)
        is_open = calendar.opens <= local.time() and (calendar.closes == time(0) or local.time() < calendar.closes)
        if local.weekday() in calendar.days and local.date() not in calendar.holidays and is_open:
            left -= MINUTE
        at += MINUTE
    return at


calendars = st.builds(
    WorkCalendar,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    opens=st.sampled_from([time(0), time(4, 30), time(9)]),
    closes=st.sampled_from([time(0), time(12, 15), time(18)]),
    zone=st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu"]),
    holidays=st.frozensets(st.dates(date(2026, 3, 20), date(2026, 4, 20)), max_size=6),
)
starts = st.integers(0, 16 * 24 * 60).map(lambda count: BEGIN + count * MINUTE)


@settings(max_examples=40)
@given(starts, st.integers(1, 1_500).map(lambda count: count * MINUTE), calendars)
def test_it_agrees_with_walking_minute_by_minute(start, length, calendar):
    assert after_working(start, length, calendar) == naive(start, length, calendar)


@given(starts, st.integers(0, 600), st.integers(0, 600), calendars)
def test_two_stretches_are_one(start, first, second, calendar):
    """Stopping on the way changes nothing."""
    part = after_working(start, first * MINUTE, calendar)
    assert after_working(part, second * MINUTE, calendar) >= after_working(start, (first + second) * MINUTE, calendar)
    assert part >= start


def test_a_friday_evening_waits_for_monday():
    friday = datetime(2026, 1, 9, 15, 30, tzinfo=UTC)  # 16:30 in Zurich
    assert after_working(friday, timedelta(hours=24), OFFICE) == datetime(2026, 1, 14, 15, 30, tzinfo=UTC)


def test_without_a_calendar_the_clock_never_stops():
    start = datetime(2026, 1, 9, 22, tzinfo=UTC)
    assert after_working(start, timedelta(hours=24), None) == start + timedelta(days=1)


def test_a_calendar_without_any_working_time_counts_as_round_the_clock():
    never = WorkCalendar(days=frozenset(), opens=time(9), closes=time(17), zone="UTC")
    start = datetime(2026, 1, 9, tzinfo=UTC)
    assert after_working(start, timedelta(hours=1), never) == start + timedelta(hours=1)


def test_the_day_is_that_of_the_place():
    late = datetime(2026, 1, 9, 23, 30, tzinfo=UTC)
    assert local_day(late, OFFICE) == date(2026, 1, 10)
    assert local_day(late, None) == date(2026, 1, 9)


ANN, BEN, CAT = (UTC, OFFICE, MINUTE)  # any three different values
MONDAY = date(2026, 1, 12)


@pytest.mark.parametrize(
    ("able", "expected"),
    [({ANN, BEN, CAT}, CAT), ({ANN, BEN}, ANN), ({BEN}, BEN), (set(), None)],
)
def test_a_date_goes_before_the_weekday_and_who_cannot_is_skipped(able, expected):
    rota = [Duty((ANN, BEN), weekday=0), Duty((CAT,), on_date=MONDAY), Duty((CAT,), weekday=1)]
    assert on_duty(rota, MONDAY, able) == expected
