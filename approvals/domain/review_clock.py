"""When a waiting request reminds its people, and when it goes to their backup (APR-09)."""

from datetime import datetime, timedelta


def reminder_at(*, asked_at: datetime, expires_at: datetime | None, minutes: int) -> datetime | None:
    """`minutes` after it was asked, but no later than half of its time; None for never (0 minutes)."""
    return _step_at(asked_at, expires_at, minutes, share=0.5)


def escalation_at(*, asked_at: datetime, expires_at: datetime | None, minutes: int) -> datetime | None:
    """`minutes` after it was asked, but no later than three quarters of its time; None for never (0 minutes)."""
    return _step_at(asked_at, expires_at, minutes, share=0.75)


def _step_at(asked_at: datetime, expires_at: datetime | None, minutes: int, *, share: float) -> datetime | None:
    if minutes <= 0:
        return None
    at = asked_at + timedelta(minutes=minutes)
    return at if expires_at is None else min(at, asked_at + (expires_at - asked_at) * share)
