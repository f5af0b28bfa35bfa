"""Connections to CRMs: where each is reached, what it proves itself with, and whether calls go through."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from crm_connectors.admin.endpoint_deeds import endpoint_urls
from crm_connectors.admin.endpoint_form import SettingsForm, make_settings_form
from crm_connectors.admin.schema_access import WorkspaceSchemaAdmin
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.selectors.endpoint_page import find_waiting_change, get_gate, list_secrets
from crm_connectors.services.connecting import ConnectingError, change_settings, connect_crm
from crm_connectors.services.connectors import CONNECTOR_KINDS, get_kind
from governance.admin.actor import user_of
from governance.admin.confirm import Deed, ask
from governance.domain.vocabulary import Environment
from governance.models import Workspace
from governance.selectors.access import NotAllowedError, list_workspaces
from governance.services.change_errors import ChangeError, ChangeReasonMissingError
from governance.services.change_kind import ChangeRefusedError

TEMPLATE = "crm_connectors/endpoint_page.html"


class ConnectForm(forms.Form):
    """A new connection, or one that is there and has no address yet, which a link names."""

    workspace = forms.ModelChoiceField(Workspace.objects.none(), widget=UnfoldAdminSelectWidget)
    name = forms.SlugField(
        max_length=60, widget=UnfoldAdminTextInputWidget, help_text="What agents call it, as in hubspot-production"
    )
    kind = forms.ChoiceField(label="CRM", widget=UnfoldAdminSelectWidget)
    environment = forms.ChoiceField(
        choices=[(item.value, item.value) for item in Environment], widget=UnfoldAdminSelectWidget
    )

    def __init__(self, data: Any, *, request: HttpRequest) -> None:
        super().__init__(data, initial=request.GET.dict())
        mine: Any = self.fields["workspace"]
        mine.queryset = list_workspaces(request.user, "manage_agents")
        kinds: Any = self.fields["kind"]
        kinds.choices = [(kind.kind, kind.label) for kind in CONNECTOR_KINDS.values() if kind.kind != "embedded"]


@admin.register(ConnectionEndpoint)
class ConnectionEndpointAdmin(WorkspaceSchemaAdmin):
    """Who answers for agents and their connections changes them; no page ever shows a secret."""

    change = "manage_agents"
    look = ("edit_policy", "manage_agents", "view_ledger")
    list_display = ("connection", "kind", "environment", "calls")
    list_select_related = ("connection", "connection__gate")

    @display(description="CRM")
    def kind(self, row: ConnectionEndpoint) -> str:
        kind = CONNECTOR_KINDS.get(row.connection.kind)
        return kind.label if kind else row.connection.kind

    @display(description="Environment", label={"production": "danger", "sandbox": "info"})
    def environment(self, row: ConnectionEndpoint) -> str:
        return row.connection.environment

    @display(description="Calls", label={"paused": "danger", "go through": "success"})
    def calls(self, row: ConnectionEndpoint) -> str:
        gate = getattr(row.connection, "gate", None)
        return "go through" if gate is None or gate.state == "closed" else "paused"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("connection")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """What requests were decided on stays; switch the connection off instead."""
        return False

    def get_urls(self) -> list[URLPattern]:
        return [*endpoint_urls(self.admin_site.admin_view), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """Connect a CRM; its address and secrets follow on its page."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        deed = Deed(
            title="Connect a CRM",
            intro="Next come its address and its credential. Agents reach it only once policy lets them.",
            submit="Go on",
            back=reverse("admin:crm_connectors_connectionendpoint_changelist"),
        )
        form = ConnectForm(request.POST or None, request=request)
        return ask(request, deed, form, lambda data: _connect(request, data), (*_ERRORS, ValueError))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002
        extra_context: Any = None,  # noqa: ARG002
    ) -> HttpResponse:
        """The page of one connection; on POST keep its settings. Not Django's own view: that runs in a transaction."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        is_editable = self.has_change_permission(request, row)
        if not (is_editable or (request.method == "GET" and self.has_view_permission(request, row))):
            raise PermissionDenied
        shape = get_kind(row.connection.kind).settings
        is_production = row.connection.environment == Environment.PRODUCTION
        form = make_settings_form(
            shape, row.settings, data=request.POST or None, is_editable=is_editable, asks_why=is_production
        )
        if form.is_bound and form.is_valid() and _save(request, row, form):
            return HttpResponseRedirect(request.path)
        return self._render(request, row, form, is_editable=is_editable)

    def _render(
        self, request: HttpRequest, row: ConnectionEndpoint, form: SettingsForm, *, is_editable: bool
    ) -> HttpResponse:
        kind, stored = get_kind(row.connection.kind), list_secrets(row.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": row.connection.name,
            "opts": self.opts,
            "connection": row.connection,
            "kind": kind,
            "secrets": [(secret, stored.get(secret.name)) for secret in kind.secrets],
            "gate": get_gate(row.pk),
            "waiting": find_waiting_change(row.pk),
            "now": get_now(),
            "form": form,
            "owners": [form.fields[name].label for name in kind.settings.secrets_belong_to],
            "is_editable": is_editable,
        }
        return TemplateResponse(request, TEMPLATE, context)


_ERRORS = (ConnectingError, NotAllowedError, LedgerUnavailableError, ChangeError, ChangeRefusedError)


def _connect(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    connection_id = connect_crm(
        workspace_id=data["workspace"].pk,
        name=data["name"],
        kind=data["kind"],
        environment=data["environment"],
        user_id=user_of(request).pk,
        now=get_now(),
    )
    return HttpResponseRedirect(reverse("admin:crm_connectors_connectionendpoint_change", args=[connection_id]))


def _save(request: HttpRequest, row: ConnectionEndpoint, form: SettingsForm) -> bool:
    try:
        kept = change_settings(
            connection_id=row.pk,
            settings=form.wanted(),
            reason=form.cleaned_data.get("reason", ""),
            user_id=user_of(request).pk,
            now=get_now(),
        )
    except ChangeReasonMissingError:
        form.add_error("reason", "A second person has to agree to this: tell them why.")
        return False
    except _ERRORS as error:
        form.add_error(None, str(error)[:1].upper() + str(error)[1:] + ".")
        return False
    if kept.proposal_id is not None:
        messages.success(request, "Proposed to a second person.")
        return True
    messages.success(request, "The settings are kept.")
    if kept.forgotten:
        messages.warning(request, "The secrets belonged to the earlier settings and are forgotten: set them again.")
    return True
