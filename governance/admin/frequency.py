"""Frequency caps: how often one person may be touched, with their hits; and one recipient by address (LIM-06)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.timezone import localtime
from unfold.decorators import display

from audit.selectors.clock import get_now
from governance.admin import touches
from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.domain.frequency_words import CHANNEL_WORDS, TRIGGER_WORDS, frequency_sentence
from governance.models import FrequencyCap, RuleTally
from governance.selectors.access import list_workspaces
from governance.selectors.compilation import as_frequency
from governance.services.rule_hits import count_rule_hits


class FrequencyCapForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Channels and stop rules as boxes to tick."""

    channels = forms.MultipleChoiceField(
        choices=list(CHANNEL_WORDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: whatever touches a person",
    )
    stops_after = forms.MultipleChoiceField(
        label="None once",
        choices=list(TRIGGER_WORDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Nobody is touched any more until a person resumes",
    )

    class Meta:
        model = FrequencyCap
        fields = "__all__"  # noqa: DJ007 - the admin names them

    def clean(self) -> dict[str, Any]:
        """What publishing would refuse is said here, at its field."""
        data: dict[str, Any] = super().clean() or {}
        counts = data.get("max_touches") is not None
        if counts and not data.get("window_hours"):
            self.add_error("window_hours", "Say in how many hours the touches are counted.")
        if not counts and data.get("window_hours"):
            self.add_error("max_touches", "Say how many touches those hours have room for.")
        if bool(data.get("segment_field")) != bool(data.get("segment_value")):
            self.add_error("segment_value", "A segment is a field and the value that it holds: name both.")
        if not self.errors and not counts and not data.get("min_gap_hours") and not data.get("stops_after"):
            self.add_error("max_touches", "It limits nothing yet: give a count, a gap or a stop rule.")
        return data


@admin.register(FrequencyCap)
class FrequencyCapAdmin(GovernedAdmin):
    form = FrequencyCapForm
    list_display = ("name", "shown_sentence", "owner", "is_active", "hits", "last_hit")
    list_filter = ("is_active",)
    list_select_related = ("owner", "agent")
    search_fields = ("name", "key", "reason")
    ordering = ("name",)
    list_before_template = "governance/touches_ask.html"
    fields = (
        "workspace",
        ("name", "key"),
        "reason",
        ("owner", "is_active"),
        ("max_touches", "window_hours", "min_gap_hours"),
        "stops_after",
        "channels",
        ("agent", "environment"),
        ("segment_field", "segment_value"),
    )
    prepopulated_fields = {"key": ("name",)}

    class Media:
        css = {"all": ("governance/frequency.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[FrequencyCap]:
        tally = RuleTally.objects.filter(
            workspace=OuterRef("workspace"), key=Concat(Value("frequency:"), OuterRef("key"))
        )
        rows: QuerySet[FrequencyCap] = super().get_queryset(request)
        return rows.annotate(
            hit_count=Subquery(tally.values("hits")[:1]), last_hit_at=Subquery(tally.values("last_hit_at")[:1])
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("key",) if obj is not None else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:  # noqa: ARG002
        return {} if obj is not None else self.prepopulated_fields

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        for workspace in list_workspaces(request.user, self.permission, *VIEW_PERMISSIONS):
            count_rule_hits(workspace_id=workspace.pk, now=get_now())
        more = {"may_ask": touches.may_look(request), **(extra_context or {})}
        response: HttpResponse = super().changelist_view(request, more)
        return response

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [path("people/", guard(touches.show_person), name="governance_frequencycap_people")]
        return [*own, *super().get_urls()]

    @display(description="Says")
    def shown_sentence(self, row: FrequencyCap) -> str:
        return frequency_sentence(as_frequency(row))

    @display(description="Held back", ordering="hit_count")
    def hits(self, row: Any) -> str:
        return f"{row.hit_count:,}" if row.hit_count else "none yet"

    @display(description="Last", ordering="last_hit_at")
    def last_hit(self, row: Any) -> str:
        return date_format(localtime(row.last_hit_at), "j M Y, H:i") if row.last_hit_at else "–"
