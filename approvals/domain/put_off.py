"""Until when a reviewer may put something off, as they chose it."""

from datetime import datetime, time, timedelta

CHOICES = (("hour", "for an hour"), ("afternoon", "for four hours"), ("tomorrow", "until tomorrow, 9:00"))
_HOURS = {"hour": 1, "afternoon": 4}
MORNING = time(9)


def put_off_until(choice: str, *, now: datetime) -> datetime | None:
    """The moment, in the time zone of `now`; None for what is no choice and no moment like `2031-05-17T09:30`."""
    if choice in _HOURS:
        return now + timedelta(hours=_HOURS[choice])
    if choice == "tomorrow":
        return datetime.combine(now.date() + timedelta(days=1), MORNING, tzinfo=now.tzinfo)
    try:
        moment = datetime.fromisoformat(choice)
    except ValueError:
        return None
    return moment.replace(tzinfo=now.tzinfo) if moment.tzinfo is None else moment
