"""When an e-mail may leave: at once, with the next digest, never in somebody's quiet hours (APR-13)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from approvals.domain.notification_kinds import Timing

GATHERING = timedelta(seconds=20)
"""What comes within it leaves as one e-mail."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A person's clock: where they are, when the daily digest leaves, and when nothing quiet may (equal: never)."""

    zone: str = "UTC"
    digest_at: time = time(8)
    quiet_from: time = time(0)
    quiet_until: time = time(0)


def send_at(timing: Timing, now: datetime, hours: Hours, *, is_loud: bool) -> datetime | None:
    """The earliest moment; None for never. Whole hours for the hourly digest, the person's own hour for the daily."""
    if timing is Timing.OFF:
        return None
    at = {
        Timing.AT_ONCE: now + GATHERING,
        Timing.HOURLY: now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1),
        Timing.DAILY: _next(now, hours.digest_at, hours.zone),
    }[timing]
    return at if is_loud else _after_quiet(at, hours)


def _next(now: datetime, at: time, zone: str) -> datetime:
    """The next time that the clock there shows `at`."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < at else local.date() + timedelta(days=1)
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(now.tzinfo)


def _after_quiet(at: datetime, hours: Hours) -> datetime:
    if hours.quiet_from == hours.quiet_until:
        return at
    clock = at.astimezone(ZoneInfo(hours.zone)).time()
    is_overnight = hours.quiet_from > hours.quiet_until
    is_quiet = (
        (clock >= hours.quiet_from or clock < hours.quiet_until)
        if is_overnight
        else hours.quiet_from <= clock < hours.quiet_until
    )
    return _next(at, hours.quiet_until, hours.zone) if is_quiet else at
