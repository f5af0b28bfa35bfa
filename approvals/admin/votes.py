"""Votes in the console."""

from django.contrib import admin

from approvals.admin.read_only import ReadOnlyAdmin
from approvals.models import Vote


@admin.register(Vote)
class VoteAdmin(ReadOnlyAdmin):
    """Who said what on which digest."""

    list_display = ("request", "person", "verdict", "digest", "created_at")
    list_filter = ("verdict",)
    list_select_related = ("request", "person")
    search_fields = ("=request__id",)
    ordering = ("-id",)
    show_full_result_count = False
