"""Break-glass in the console: ask for it, see what is open, end it early (PRM-10)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from audit.admin.filters import one_of
from audit.admin.read_only import ReadOnlyRows
from audit.selectors.clock import get_now
from audit.selectors.database_clock import DatabaseNow
from governance.admin.actor import user_of
from governance.admin.changes import CHANGE_ERRORS
from governance.admin.confirm import Deed, ask, confirm
from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.domain.action_class import REQUESTABLE
from governance.domain.break_glass import MAX_MINUTES, break_glass_words
from governance.models import Agent, BreakGlass, Connection, RegisteredField
from governance.selectors.access import NotAllowedError, list_workspaces
from governance.services.break_glass import BreakGlassError, ask_break_glass, end_break_glass


class BreakGlassForm(forms.Form):
    """Which blocked action, for how long, and why."""

    agent = forms.ModelChoiceField(queryset=Agent.objects.none(), widget=UnfoldAdminSelectWidget)
    connection = forms.ModelChoiceField(queryset=Connection.objects.none(), widget=UnfoldAdminSelectWidget)
    action = forms.ChoiceField(
        choices=[(item.value, item.value.replace("_", " ")) for item in sorted(REQUESTABLE)],
        widget=UnfoldAdminSelectWidget,
    )
    object_type = forms.ChoiceField(label="Object", choices=[], widget=UnfoldAdminSelectWidget)
    record_id = forms.CharField(
        label="Record id",
        required=False,
        max_length=120,
        widget=UnfoldAdminTextInputWidget,
        help_text="Empty: any record of the object. Name one where you can.",
    )
    minutes = forms.IntegerField(
        min_value=1,
        max_value=MAX_MINUTES,
        initial=30,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=f"Counted from the countersignature, {MAX_MINUTES} at most",
    )
    reason = forms.CharField(
        max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), help_text="Recorded in the ledger"
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = list_workspaces(request.user, "break_glass")
        self.fields["agent"].queryset = Agent.objects.filter(workspace__in=places).order_by("name")  # type: ignore[attr-defined]
        self.fields["connection"].queryset = Connection.objects.filter(workspace__in=places).order_by("name")  # type: ignore[attr-defined]
        named = RegisteredField.objects.filter(connection__workspace__in=places).order_by("object_type")
        names = named.values_list("object_type", flat=True).distinct()
        self.fields["object_type"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]


@admin.register(BreakGlass)
class BreakGlassAdmin(ReadOnlyRows, GovernedAdmin):
    permission = "break_glass"
    view_permissions = (*VIEW_PERMISSIONS, "countersign_changes")
    workspace_path = "agent__workspace"
    list_display = ("what", "state", "asked_by", "countersigned_by", "opened_at", "expires_at", "end_it")
    list_filter = (one_of("action", sorted(REQUESTABLE)), "agent")
    list_select_related = ("agent__workspace", "connection", "asked_by", "countersigned_by", "ended_by")
    ordering = ("-opened_at",)
    fields = readonly_fields = (
        "what",
        "state",
        "reason",
        "asked_by",
        "countersigned_by",
        "opened_at",
        "expires_at",
        "ended_by",
        "ended_at",
    )
    actions_list = ("ask_for_it",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each row with the moment at which it was read."""
        rows: QuerySet[Any] = super().get_queryset(request).annotate(read_at=DatabaseNow())
        return rows

    @display(description="What is open")
    def what(self, row: BreakGlass) -> str:
        return break_glass_words(
            agent=row.agent.name,
            action=row.action,
            object_type=row.object_type,
            record_id=row.record_id,
            connection=row.connection.name,
        )

    @display(description="State", label={"open": "danger", "ended": "success", "expired": "success"})
    def state(self, row: Any) -> str:
        if row.ended_at is not None:
            return "ended"
        return "open" if row.expires_at > row.read_at else "expired"

    @display(description="")
    def end_it(self, row: BreakGlass) -> str:
        if self.state(row) != "open":
            return f"by {row.ended_by}" if row.ended_by is not None else ""
        address = reverse("admin:governance_breakglass_end", args=[row.pk])
        return format_html('<a class="text-red-600" href="{}">End it now</a>', address)

    @action(description="Ask for break-glass", url_path="ask", permissions=["ask_for_it"])
    def ask_for_it(self, request: HttpRequest) -> HttpResponse:
        deed = Deed(
            title="Ask for break-glass",
            intro="For an action whose risk tier is blocked. Another person must countersign; then, for a short while, "
            "the agent may ask for it and people may approve it. Human commitments stay closed to agents.",
            submit="Ask another person",
            back=reverse("admin:governance_changeproposal_changelist"),
            is_dangerous=True,
        )

        def act(data: dict[str, Any]) -> str:
            user = user_of(request)
            if user.person_id is None:
                raise NotAllowedError("this takes a login that belongs to a person")
            scope = {"agent_id": data.pop("agent").pk, "connection_id": data.pop("connection").pk, **data}
            ask_break_glass(**scope, person_id=user.person_id, user_id=user.pk, now=get_now())
            return "Proposed. It opens when another person countersigns it."

        return ask(request, deed, BreakGlassForm(request.POST or None, request=request), act, CHANGE_ERRORS)

    def has_ask_for_it_permission(self, request: HttpRequest) -> bool:
        return self._may(request, None, self.permission)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self._end)
        return [path("<uuid:break_glass_id>/end/", view, name="governance_breakglass_end"), *super().get_urls()]

    def _end(self, request: HttpRequest, break_glass_id: UUID) -> HttpResponse:
        rows = BreakGlass.objects.select_related("agent__workspace", "connection")
        row = get_object_or_404(rows, pk=break_glass_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        deed = Deed(
            title="End break-glass",
            intro=f"{self.what(row)}. After this it may not any more, with the next request and the next execution.",
            submit="End it now",
            back=reverse("admin:governance_breakglass_changelist"),
            needs_reason=False,
        )

        def act(_reason: str) -> str:
            end_break_glass(break_glass_id=break_glass_id, user_id=user_of(request).pk, now=get_now())
            return "Ended. The action is blocked again."

        return confirm(request, deed, act, (BreakGlassError, *CHANGE_ERRORS))
