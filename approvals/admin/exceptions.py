"""Exceptions, reports of bad actions and incidents in the console, to be looked at: work is done on their pages."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from approvals.models import BadActionReport, ExceptionCase, Incident
from audit.admin.read_only import ReadOnlyRows


@admin.register(ExceptionCase)
class ExceptionCaseAdmin(ReadOnlyRows, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Every case, open and closed."""

    list_display = ("kind", "code", "field", "agent", "count", "state", "outcome", "owner", "opened_at")
    list_filter = ("kind", "state", "outcome")
    list_select_related = ("agent", "owner")
    list_reads = ("kind", "code", "field", "agent__name", "count", "state", "outcome", "owner__name", "opened_at")
    search_fields = ("=id", "=code", "=field")
    ordering = ("-id",)


@admin.register(BadActionReport)
class BadActionReportAdmin(ReadOnlyRows, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Who reported which request, and why; never what they wrote."""

    list_display = ("request", "reporter", "reason", "reported_at")
    list_filter = ("reason",)
    list_select_related = ("request",)
    search_fields = ("=request__id",)
    ordering = ("-id",)


@admin.register(Incident)
class IncidentAdmin(ReadOnlyRows, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Every incident."""

    list_display = ("title", "severity", "state", "agent", "began_at", "closed_at")
    list_filter = ("severity", "state")
    list_select_related = ("agent",)
    search_fields = ("=id",)
    ordering = ("-id",)
