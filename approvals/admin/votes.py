"""Votes in the console."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from approvals.models import Vote
from audit.admin.read_only import ReadOnlyRows


@admin.register(Vote)
class VoteAdmin(ReadOnlyRows, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Who said what on which digest."""

    list_display = ("request", "person", "verdict", "digest", "created_at")
    list_filter = ("verdict",)
    list_select_related = ("request", "person")
    search_fields = ("=request__id",)
    ordering = ("-id",)
