"""Months of the sponsor view: calendar months, UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from approvals.domain.weeks import FIRST

_LAST = date(9998, 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """`first` is its first day; `start ≤ moment < end` are the moments in it."""

    first: date

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Month":
        return month_of(self.first + timedelta(days=31))

    @property
    def before(self) -> "Month":
        return month_of(self.first - timedelta(days=1))

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time.min, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        return self.next.start

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))

    @property
    def name(self) -> str:
        """`2026-11`, as ISO 8601 writes it."""
        return f"{self.first:%Y-%m}"


def month_of(day: date) -> Month:
    """The month that the day lies in."""
    return Month(day.replace(day=1))


def read_month(text: str) -> Month | None:
    """`2026-11`; None for what is no month from 2000 to a year before the end."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return Month(first) if FIRST.replace(day=1) <= first < _LAST else None
