"""What a person does at a connection: set and forget secrets, test it, close its breaker. Each asks `manage_agents`."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold import widgets

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.services.connecting import check_connection
from crm_connectors.services.connectors import get_kind
from crm_connectors.services.pause_ending import close_breaker
from crm_connectors.services.secret_changes import SecretRefusedError, forget_secret, set_secret
from crm_connectors.wiring import SecretKind
from governance.admin.actor import user_of
from governance.admin.confirm import Deed, ask, confirm
from governance.models import Connection
from governance.selectors.access import NotAllowedError, may

ERRORS = (SecretRefusedError, NotAllowedError, LedgerUnavailableError, ValueError)


class SecretForm(forms.Form):
    """Write-only: what is stored is never put back into the input."""

    def __init__(self, data: Any, secret: SecretKind) -> None:
        super().__init__(data)
        hidden = {"autocomplete": "off", "spellcheck": "false"}
        self.fields["value"] = forms.CharField(
            label=secret.label,
            help_text=secret.help_text,
            widget=widgets.UnfoldAdminTextareaWidget(attrs=hidden | {"rows": 8})
            if secret.is_multiline
            else widgets.UnfoldAdminPasswordWidget(attrs=hidden | {"autocomplete": "new-password"}),
        )
        self.fields["expires_at"] = forms.DateTimeField(
            label="It ends at (UTC)",
            required=False,
            help_text="When the CRM says that it does. From then on it is not used.",
            widget=widgets.UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        )


def endpoint_urls(wrap: Any) -> list[URLPattern]:
    """The deeds' addresses; `wrap` is the admin site's guard."""
    name = "crm_connectors_endpoint"
    return [
        path("<uuid:pk>/secrets/<slug:secret>/set/", wrap(set_page), name=f"{name}_set_secret"),
        path("<uuid:pk>/secrets/<slug:secret>/forget/", wrap(forget_page), name=f"{name}_forget_secret"),
        path("<uuid:pk>/test/", wrap(test_connection), name=f"{name}_test"),
        path("<uuid:pk>/close-breaker/", wrap(close_page), name=f"{name}_close_breaker"),
    ]


@sensitive_post_parameters("value")
def set_page(request: HttpRequest, pk: UUID, secret: str) -> HttpResponse:
    """Type a secret; it replaces the one there is."""
    connection = _find(request, pk)
    kind = _secret_kind(connection, secret)
    if kind.is_kept:
        raise Http404
    deed = Deed(
        title=f"{kind.label} of {connection.name}",
        intro="It is encrypted before it is stored, and shown to nobody again. What was set before is replaced.",
        submit="Keep it",
        back=_page(pk),
    )

    def act(data: dict[str, Any]) -> str:
        who = user_of(request).pk
        set_secret(
            connection_id=pk,
            name=secret,
            value=data["value"],
            expires_at=data["expires_at"],
            user_id=who,
            now=get_now(),
        )
        return f"{kind.label} is set."

    return never_cache(ask)(request, deed, SecretForm(request.POST or None, kind), act, ERRORS)


def forget_page(request: HttpRequest, pk: UUID, secret: str) -> HttpResponse:
    """Delete a secret, asked first; also one that the CRM handed out."""
    connection = _find(request, pk)
    kind = _secret_kind(connection, secret)
    deed = Deed(
        title=f"Forget {kind.label.lower()} of {connection.name}",
        intro="It is deleted here, with what the CRM handed out for it. The CRM accepts it until it is revoked there.",
        submit="Forget it",
        back=_page(pk),
        needs_reason=False,
        is_dangerous=True,
    )

    def act(_reason: str) -> str:
        forget_secret(connection_id=pk, name=secret, user_id=user_of(request).pk, now=get_now())
        return f"{kind.label} is forgotten."

    return confirm(request, deed, act, ERRORS)


def close_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let calls through again, with a reason."""
    connection = _find(request, pk)
    deed = Deed(
        title=f"Let calls to {connection.name} through",
        intro="Approved requests that wait are tried again. If the CRM still fails, the breaker opens again.",
        submit="Close the breaker now",
        back=_page(pk),
    )

    def act(reason: str) -> str:
        is_closed = close_breaker(connection_id=pk, user_id=user_of(request).pk, reason=reason, now=get_now())
        return "Calls go through." if is_closed else "It was closed already."

    return confirm(request, deed, act, ERRORS)


def test_connection(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the CRM whether it is well; outside any transaction."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    _find(request, pk)
    health = check_connection(connection_id=pk, user_id=user_of(request).pk)
    (messages.success if health.is_good else messages.error)(request, health.words)
    return HttpResponseRedirect(_page(pk))


def _find(request: HttpRequest, pk: UUID) -> Connection:
    """Raises Http404, PermissionDenied."""
    row = get_object_or_404(ConnectionEndpoint.objects.select_related("connection"), pk=pk)
    if not may(user_of(request), "manage_agents", row.connection.workspace_id):
        raise PermissionDenied
    return row.connection


def _secret_kind(connection: Connection, name: str) -> SecretKind:
    """Raises Http404 for what this kind of connector does not use."""
    for kind in get_kind(connection.kind).secrets:
        if kind.name == name:
            return kind
    raise Http404


def _page(pk: UUID) -> str:
    return reverse("admin:crm_connectors_connectionendpoint_change", args=[pk])
