"""Delegations in the console: who lets which agent act for them, for what and until when (IDN-04)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from audit.admin.read_only import ReadOnlyRows
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import user_of
from governance.admin.confirm import Deed, ask, confirm
from governance.admin.governed import GovernedAdmin
from governance.domain.action_class import REQUESTABLE
from governance.models import Agent, Connection, Delegation, Person, RegisteredField
from governance.selectors.access import NotAllowedError, list_workspaces
from governance.selectors.workspace_people import list_people
from governance.services.delegations import MAX_DAYS, DelegationError, grant_delegation, revoke_delegation

ERRORS = (DelegationError, NotAllowedError, LedgerUnavailableError)


class DelegationForm(forms.Form):
    """One scope."""

    agent = forms.ModelChoiceField(queryset=Agent.objects.none(), widget=UnfoldAdminSelectWidget)
    person = forms.ModelChoiceField(
        queryset=Person.objects.none(), widget=UnfoldAdminSelectWidget, help_text="For whom the agent acts"
    )
    connection = forms.ModelChoiceField(
        queryset=Connection.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Empty: every connection",
    )
    actions = forms.MultipleChoiceField(
        choices=[(item.value, item.value.replace("_", " ")) for item in sorted(REQUESTABLE)],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    objects = forms.MultipleChoiceField(choices=[], widget=UnfoldAdminCheckboxSelectMultipleWidget)
    days = forms.IntegerField(
        min_value=1, max_value=MAX_DAYS, initial=30, widget=UnfoldAdminIntegerFieldWidget, help_text="It ends by itself"
    )
    reason = forms.CharField(
        max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), help_text="Recorded in the ledger"
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = list_workspaces(request.user, "manage_agents")
        self.fields["agent"].queryset = Agent.objects.filter(workspace__in=places).order_by("name")  # type: ignore[attr-defined]
        self.fields["person"].queryset = list_people(places.values_list("pk", flat=True))  # type: ignore[attr-defined]
        self.fields["connection"].queryset = Connection.objects.filter(workspace__in=places).order_by("name")  # type: ignore[attr-defined]
        named = RegisteredField.objects.filter(connection__workspace__in=places).order_by("object_type")
        names = named.values_list("object_type", flat=True).distinct()
        self.fields["objects"].choices = [(name, name.replace("_", " ")) for name in names]  # type: ignore[attr-defined]


@admin.register(Delegation)
class DelegationAdmin(ReadOnlyRows, GovernedAdmin):
    permission = "manage_agents"
    workspace_path = "agent__workspace"
    list_display = ("person", "agent", "covers", "state", "expires_at", "granted_by", "revoke_it")
    list_display_links = ("person",)
    list_filter = ("agent", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("person", "agent__workspace", "connection", "granted_by", "revoked_by")
    search_fields = ("person__name", "person__email", "agent__name")
    ordering = ("-created_at",)
    fields = readonly_fields = (
        "person",
        "agent",
        "covers",
        "state",
        "reason",
        "granted_by",
        "created_at",
        "expires_at",
        "revoked_by",
        "revoked_at",
    )
    actions_list = ("grant",)

    @display(description="Covers")
    def covers(self, row: Delegation) -> str:
        actions = ", ".join(name.replace("_", " ") for name in row.actions)
        place = f" at {row.connection.name}" if row.connection is not None else ""
        return f"{actions} on {', '.join(row.objects_named)}{place}"

    @display(description="State", label={"live": "success", "revoked": "danger", "expired": "warning"})
    def state(self, row: Delegation) -> str:
        if row.revoked_at is not None:
            return "revoked"
        return "live" if row.expires_at > get_now() else "expired"

    @display(description="")
    def revoke_it(self, row: Delegation) -> str:
        if row.revoked_at is not None:
            return f"by {row.revoked_by}"
        return format_html('<a class="text-red-600" href="{}">Revoke</a>', revoke_address(row.pk))

    @action(description="Grant a delegation", url_path="grant", permissions=["grant"])
    def grant(self, request: HttpRequest) -> HttpResponse:
        deed = Deed(
            title="Let an agent act for a person",
            intro="The agent still needs its grants, and the person may not approve what it asks for in their name.",
            submit="Grant",
            back=reverse("admin:governance_delegation_changelist"),
        )

        def act(data: dict[str, Any]) -> str:
            grant_delegation(
                agent_id=data["agent"].pk,
                person_id=data["person"].pk,
                connection_id=data["connection"].pk if data["connection"] is not None else None,
                actions=data["actions"],
                objects=data["objects"],
                reason=data["reason"],
                days=data["days"],
                user_id=user_of(request).pk,
                now=get_now(),
            )
            return f"{data['agent'].name} may act for {data['person'].name} for {data['days']} days."

        return ask(request, deed, DelegationForm(request.POST or None, request=request), act, ERRORS)

    def has_grant_permission(self, request: HttpRequest) -> bool:
        return self._may(request, None, self.permission)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self._revoke)
        return [
            path("<uuid:delegation_id>/revoke/", view, name="governance_delegation_revoke"),
            *super().get_urls(),
        ]

    def _revoke(self, request: HttpRequest, delegation_id: UUID) -> HttpResponse:
        rows = Delegation.objects.select_related("agent__workspace", "person", "connection")
        row = get_object_or_404(rows, pk=delegation_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        deed = Deed(
            title=f"Revoke: {row.agent.name} no longer acts for {row.person.name}",
            intro="It bites at once, with the next request and the next execution.",
            lines=[f"It covered {self.covers(row)}."],
            submit="Revoke",
            back=reverse("admin:governance_delegation_changelist"),
            needs_reason=False,
            is_dangerous=True,
        )

        def act(_reason: str) -> str:
            revoke_delegation(delegation_id=delegation_id, user_id=user_of(request).pk, now=get_now())
            return "Revoked."

        return confirm(request, deed, act, ERRORS)


def revoke_address(delegation_id: UUID) -> str:
    """Where one delegation is revoked."""
    return reverse("admin:governance_delegation_revoke", args=[delegation_id])
