"""Attempts in the console."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from approvals.domain.recovery import RecoveryPoint
from approvals.models import Attempt
from audit.admin.filters import ExactTextFilter, one_of
from audit.admin.read_only import ReadOnlyRows
from crm_connectors.domain.guarantee import Guarantee


class ErrorCodeFilter(ExactTextFilter):
    title = "error code"
    parameter_name = "error_code"


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyRows, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """One row per try, with how far it came."""

    list_display = ("request", "epoch", "point", "error_code", "worker", "claimed_at", "finished_at")
    list_filter = (one_of("point", RecoveryPoint), ErrorCodeFilter, one_of("guarantee", Guarantee))
    list_filter_submit = True
    list_select_related = ("request",)
    search_fields = ("=request__id",)
    ordering = ("-id",)
