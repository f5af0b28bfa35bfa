"""Anomaly stops: the lines that RevOps draw, and what each agent usually does (LIM-05)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.domain.vocabulary import AnomalySignal
from governance.models import Anomaly
from governance.selectors.access import list_workspaces
from governance.selectors.baselines import list_usual


@admin.register(Anomaly)
class AnomalyAdmin(GovernedAdmin):
    list_display = ("shown_signal", "window", "shown_line", "shown_scope", "is_active")
    list_filter = ("is_active", "signal", "window")
    ordering = ("signal", "window", "scope")
    fields = ("workspace", ("signal", "window"), ("floor", "factor"), "scope", "is_active")
    list_before_template = "governance/anomalies_live.html"

    class Media:
        css = {"all": ("governance/limits.css",)}

    @display(description="Counts", ordering="signal")
    def shown_signal(self, row: Anomaly) -> str:
        return row.get_signal_display()

    @display(description="Stops above")
    def shown_line(self, row: Anomaly) -> str:
        if row.signal != AnomalySignal.VOLUME:
            return f"{row.floor:,}"
        return f"{row.floor:,}, or {row.factor:g} times the usual if that is more"

    @display(description="For", ordering="scope")
    def shown_scope(self, row: Anomaly) -> str:
        return row.scope or "each agent"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        seen = list_workspaces(request.user, self.permission, *VIEW_PERMISSIONS)
        context = {**(extra_context or {}), "usual": list_usual(seen)}
        response: HttpResponse = super().changelist_view(request, context)
        return response
