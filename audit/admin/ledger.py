"""The ledger screen: newest first, searchable by exact ids, with the proof of each event (AUD-03, AUD-04)."""

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from audit.admin.filters import ActorFilter, CorrelationFilter, MomentFilter, SubjectFilter, TypeFilter
from audit.admin.read_only import ReadOnlyRows
from audit.models import LedgerEvent
from audit.services.prove import prove_event


@admin.register(LedgerEvent)
class LedgerEventAdmin(ReadOnlyRows, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Nothing can be added, changed or deleted here, whoever asks."""

    list_display = ["at", "type", "actor", "subject", "correlation_id", "workspace"]
    list_filter = [TypeFilter, ("at", MomentFilter), ActorFilter, SubjectFilter, CorrelationFilter]
    list_filter_submit = True
    search_fields = ["correlation_id__exact", "subject_id__exact", "actor_id__exact"]
    search_help_text = "a whole correlation id, subject id or actor id"
    ordering = ["-id"]
    actions = None
    fields = ["id", "at", "type", "workspace", "actor", "subject", "correlation_id", "content", "proof"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEvent]:
        """Lists leave the bodies where they are: they are up to 64 KiB each."""
        rows: QuerySet[LedgerEvent] = super().get_queryset(request)
        return rows.defer("body")

    @admin.display(description="who")
    def actor(self, event: LedgerEvent) -> str:
        return f"{event.actor_type} {event.actor_id}"

    @admin.display(description="what")
    def subject(self, event: LedgerEvent) -> str:
        return f"{event.subject_type} {event.subject_id}"

    @admin.display(description="recorded")
    def content(self, event: LedgerEvent) -> SafeString:
        text = json.dumps(json.loads(bytes(event.body)), indent=2)  # non-ASCII escaped: no hidden direction marks
        return format_html('<pre class="whitespace-pre-wrap break-all">{}</pre>', text)

    @admin.display(description="proof")
    def proof(self, event: LedgerEvent) -> str:
        return prove_event(event.pk).sentence
