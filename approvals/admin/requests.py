"""Requests in the console."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from audit.admin.filters import one_of
from audit.admin.read_only import ReadOnlyRows
from governance.domain.vocabulary import Action, RiskTier


@admin.register(AgentActionRequest)
class AgentActionRequestAdmin(ReadOnlyRows, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Newest first; the exact search is by record, correlation and agent."""

    list_display = ("id", "status", "status_code", "action", "object_type", "record_id", "agent", "created_at")
    list_filter = (one_of("status", Status), one_of("action", Action), one_of("risk_tier", RiskTier), "agent")
    list_select_related = ("agent",)
    list_reads = ("status", "status_code", "action", "object_type", "record_id", "agent__name", "created_at")
    search_fields = ("=record_id", "=correlation_id", "=id")
    ordering = ("-id",)
    exclude = ("actor_type",)  # a canary is told from no other before it is decided; its page says it afterwards
