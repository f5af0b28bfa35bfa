"""Who looks after exceptions when: the calendar by which the clocks run, and the rota of owners (EXC-02)."""

from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.models import Person, Workspace

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MAX_HOURS = 2_000


def working_days() -> list[int]:
    """Monday to Friday."""
    return [0, 1, 2, 3, 4]


class ExceptionCalendar(models.Model):
    """When the clocks of a workspace's exceptions run, and how long they are. Without one they run round the clock."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.OneToOneField(Workspace, on_delete=models.PROTECT, related_name="exception_calendar")
    time_zone = models.CharField(max_length=60, default="UTC", help_text="Like Europe/Zurich")
    working_days = models.JSONField(default=working_days, help_text="0 is Monday: [0, 1, 2, 3, 4]")
    opens_at = models.TimeField(default=time(9), help_text="In the time zone above")
    closes_at = models.TimeField(default=time(18), help_text="00:00 is the end of the day")
    holidays = models.JSONField(default=list, blank=True, help_text='Dates: ["2026-12-25"]')
    review_hours = models.PositiveIntegerField(default=24, help_text="Working hours until somebody has looked")
    remediation_hours = models.PositiveIntegerField(default=72, help_text="Working hours until it is closed")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "exception clocks"
        verbose_name_plural = "exception clocks"

    def __str__(self) -> str:
        return f"{self.time_zone}, {self.opens_at:%H:%M} to {self.closes_at:%H:%M}"

    def clean(self) -> None:
        wrong = {
            "time_zone": "" if _is_zone(self.time_zone) else "no such time zone",
            "working_days": "" if _are_days(self.working_days) else "a list of days, 0 to 6, each once",
            "holidays": "" if _are_dates(self.holidays) else "a list of dates like 2026-12-25",
            "closes_at": ""
            if self.opens_at < self.closes_at or self.closes_at == time(0)
            else "it closes after it opens",
            "remediation_hours": ""
            if 0 < self.review_hours <= self.remediation_hours <= _MAX_HOURS
            else "the review comes first; 2,000 hours at most",
        }
        if any(wrong.values()):
            raise ValidationError({name: words for name, words in wrong.items() if words})


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _are_days(value: object) -> bool:
    if not isinstance(value, list) or not value or not all(type(day) is int for day in value):
        return False
    return set(value) <= set(range(7)) and len(set(value)) == len(value)


def _are_dates(value: object) -> bool:
    try:
        return isinstance(value, list) and all(date.fromisoformat(item) for item in value)
    except (TypeError, ValueError):
        return False


class DutyEntry(models.Model):
    """One line of the rota: who owns what comes on a weekday, or on one date, which goes before the weekday's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="duty_entries")
    weekday = models.PositiveSmallIntegerField(null=True, blank=True, choices=list(enumerate(WEEKDAYS)))
    on_date = models.DateField(null=True, blank=True, help_text="Instead of a weekday: one day")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    stand_in = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True, help_text="When the first cannot"
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = "entry of the duty rota"
        verbose_name_plural = "duty rota"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "weekday"], name="duty_weekday_once"),
            models.UniqueConstraint(fields=["workspace", "on_date"], name="duty_date_once"),
            models.CheckConstraint(
                condition=Q(weekday__isnull=True, on_date__isnull=False)
                | Q(weekday__isnull=False, on_date__isnull=True),
                name="duty_weekday_or_date",
                violation_error_message="name a weekday or a date, not both",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {WEEKDAYS[self.weekday] if self.weekday is not None else self.on_date}"
