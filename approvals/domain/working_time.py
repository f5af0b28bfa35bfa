"""Working time: when a clock that runs in business hours alone has run out (EXC-02)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_HORIZON = 3_660
"""Days that are looked ahead; a calendar without any working time in them counts as round the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """`days`: 0 is Monday. `closes` at midnight means the end of the day. Both ends are local times in `zone`."""

    days: frozenset[int]
    opens: time
    closes: time
    zone: str
    holidays: frozenset[date] = frozenset()


def after_working(start: datetime, length: timedelta, calendar: WorkCalendar | None) -> datetime:
    """When `length` of working time has passed since `start` (aware); without a calendar the clock never stops.

    Days when clocks are set forward or back are as long as they are.
    """
    if calendar is None:
        return start + length
    left = length
    for begin, end in _spans(start, calendar):
        since = max(begin, start)
        if end <= since:
            continue
        if left <= end - since:
            return since + left
        left -= end - since
    return start + length


def local_day(now: datetime, calendar: WorkCalendar | None) -> date:
    """The date on the wall of whoever works by this calendar."""
    return now.astimezone(ZoneInfo(calendar.zone if calendar is not None else "UTC")).date()


def _spans(start: datetime, calendar: WorkCalendar) -> Iterator[tuple[datetime, datetime]]:
    """Working spans in UTC order, from the day of `start` on."""
    zone, utc = ZoneInfo(calendar.zone), ZoneInfo("UTC")
    first = start.astimezone(zone).date()
    for number in range(_HORIZON):
        day = first + number * _DAY
        if day.weekday() not in calendar.days or day in calendar.holidays:
            continue
        last = day + _DAY if calendar.closes == time(0) else day
        begin = datetime.combine(day, calendar.opens, zone).astimezone(utc)
        yield begin, datetime.combine(last, calendar.closes, zone).astimezone(utc)
