"""Attempts in the console."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from approvals.models import Attempt
from audit.admin.read_only import ReadOnlyRows


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyRows, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """One row per try, with how far it came."""

    list_display = ("request", "epoch", "point", "error_code", "worker", "claimed_at", "finished_at")
    list_filter = ("point", "error_code", "guarantee")
    list_select_related = ("request",)
    search_fields = ("=request__id",)
    ordering = ("-id",)
    show_full_result_count = False
