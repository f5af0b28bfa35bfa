"""Weeks of a report: Monday to Sunday, UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

LENGTH = timedelta(days=7)
FIRST = date(2000, 1, 3)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """`monday` is its first day; `first ≤ moment < end` are the moments in it."""

    monday: date

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def next(self) -> "Week":
        return Week(self.monday + LENGTH)

    @property
    def before(self) -> "Week":
        return Week(self.monday - LENGTH)

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.monday + timedelta(days=number) for number in range(7))

    @property
    def end(self) -> datetime:
        return start_of(self.next.monday)

    @property
    def name(self) -> str:
        """`2026-W47`, as ISO 8601 counts."""
        return self.monday.strftime("%G-W%V")


def week_of(day: date) -> Week:
    """The week that the day lies in."""
    return Week(day - timedelta(days=day.weekday()))


def read_week(text: str) -> Week | None:
    """The week that a day of it (`2026-11-18`) names; None for what is no day from 2000 to a year before the end."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return week_of(day) if FIRST <= day < date(9998, 1, 1) else None


def start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
