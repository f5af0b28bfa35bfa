"""The calendar and the rota of exceptions in the console, with history and a ledger event per edit (EXC-02)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from approvals.models import DutyEntry, ExceptionCalendar
from approvals.models.duty import WEEKDAYS
from approvals.selectors.duty import list_handlers
from governance.admin.governed import GovernedAdmin
from governance.models import Person
from governance.selectors.access import list_workspaces


@admin.register(ExceptionCalendar)
class ExceptionCalendarAdmin(GovernedAdmin):
    list_display = ("workspace", "time_zone", "shown_days", "opens_at", "closes_at", "review_hours")
    ordering = ("workspace__slug",)
    fields = (
        *("workspace", "time_zone", "working_days", "opens_at", "closes_at", "holidays"),
        *("review_hours", "remediation_hours"),
    )

    @admin.display(description="Working days")
    def shown_days(self, row: ExceptionCalendar) -> str:
        return ", ".join(WEEKDAYS[day][:3] for day in sorted(row.working_days))


@admin.register(DutyEntry)
class DutyEntryAdmin(GovernedAdmin):
    list_display = ("day", "person", "stand_in", "workspace")
    list_select_related = ("person", "stand_in", "workspace")
    ordering = ("workspace__slug", "weekday", "on_date")
    fields = ("workspace", "weekday", "on_date", "person", "stand_in")

    @admin.display(description="Day")
    def day(self, row: DutyEntry) -> str:
        return WEEKDAYS[row.weekday] if row.weekday is not None else f"{row.on_date:%d %b %Y}"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only who may work on exceptions can be put on the rota."""
        if db_field.related_model is Person:
            ids = list_workspaces(request.user, self.permission).values_list("pk", flat=True)
            able = {person.pk for id_ in ids for person in list_handlers(id_)}
            kwargs["queryset"] = Person.objects.filter(pk__in=able).order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
