"""When a waiting request reminds its people, and when it goes to their backup (APR-09)."""

from datetime import datetime, timedelta

from approvals.domain.working_time import WorkCalendar, after_working


def reminder_at(
    *, asked_at: datetime, expires_at: datetime | None, minutes: int, calendar: WorkCalendar | None = None
) -> datetime | None:
    """`minutes` after it was asked, but no later than half of its time; None for never (0 minutes).

    With a calendar they are minutes of working time; a request's own time never stops.
    """
    return _step_at(asked_at, expires_at, minutes, calendar, share=0.5)


def escalation_at(
    *, asked_at: datetime, expires_at: datetime | None, minutes: int, calendar: WorkCalendar | None = None
) -> datetime | None:
    """As `reminder_at`, but no later than three quarters of its time."""
    return _step_at(asked_at, expires_at, minutes, calendar, share=0.75)


def _step_at(
    asked_at: datetime, expires_at: datetime | None, minutes: int, calendar: WorkCalendar | None, *, share: float
) -> datetime | None:
    if minutes <= 0:
        return None
    at = after_working(asked_at, timedelta(minutes=minutes), calendar)
    return at if expires_at is None else min(at, asked_at + (expires_at - asked_at) * share)
