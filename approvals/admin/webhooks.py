"""Webhooks in the console: endpoints with their secrets shown once, deliveries with every attempt (APR-13)."""

from collections.abc import Callable
from typing import Any, TypedDict
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from approvals.domain.notification_kinds import RULES
from approvals.models import WebhookDelivery, WebhookEndpoint
from approvals.services.webhook_delivery import retry_failed_delivery
from approvals.services.webhook_endpoints import (
    IssuedSecret,
    WebhookError,
    make_endpoint,
    renew_secret,
    send_test,
    switch_endpoint,
)
from audit.admin.read_only import ReadOnlyRows
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import actor_of, user_of
from governance.admin.confirm import Deed, ask, confirm
from governance.models import Agent, Workspace
from governance.selectors.access import NotAllowedError, holds_anywhere, list_workspaces, may

SEEN_BY = ("manage_agents", "view_ledger")
ERRORS = (WebhookError, NotAllowedError, LedgerUnavailableError)


class EndpointForm(forms.Form):
    """One address outside."""

    workspace = forms.ModelChoiceField(queryset=Workspace.objects.none(), widget=UnfoldAdminSelectWidget)
    name = forms.CharField(max_length=80, widget=UnfoldAdminTextInputWidget)
    url = forms.CharField(
        max_length=500, label="Address", widget=UnfoldAdminTextInputWidget, help_text="https:// and reachable from here"
    )
    style = forms.ChoiceField(
        choices=[("messages", "messages, as Slack and its likes show them"), ("events", "events, for programs")],
        widget=UnfoldAdminSelectWidget,
    )
    agent = forms.ModelChoiceField(
        queryset=Agent.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Only what becomes of this agent's requests. Empty: the whole workspace",
    )
    kinds = forms.MultipleChoiceField(
        choices=[(kind.value, rule.label) for kind, rule in RULES.items()],
        label="What it hears",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    def __init__(self, *args: Any, request: HttpRequest) -> None:
        super().__init__(*args)
        workspaces = list_workspaces(request.user, "manage_agents")
        self.fields["workspace"].queryset = workspaces  # type: ignore[attr-defined]
        self.fields["agent"].queryset = Agent.objects.filter(  # type: ignore[attr-defined]
            workspace__in=workspaces
        ).order_by("name")


class _Seen(ReadOnlyRows, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Rows of the workspaces in which the person may see them."""

    workspace_path = "workspace"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.is_authenticated and holds_anywhere(request.user, *SEEN_BY)

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and holds_anywhere(request.user, "manage_agents")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(**{f"{self.workspace_path}__in": list_workspaces(request.user, *SEEN_BY)})


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(_Seen):
    list_display = ("name", "shown_host", "agent", "style", "is_active", "workspace", "deeds")
    list_select_related = ("agent", "workspace")
    search_fields = ("name",)
    ordering = ("name",)
    fields = readonly_fields = (
        "workspace", "name", "shown_host", "agent", "style", "shown_kinds", "is_active", "made_by", "created_at",
    )  # fmt: skip
    actions_list = ("add_endpoint",)

    @display(description="Address")
    def shown_host(self, row: WebhookEndpoint) -> str:
        """The host alone: the path of such an address is often a secret of its own."""
        return row.url.split("/")[2] if row.url.count("/") > 1 else row.url

    @display(description="What it hears")
    def shown_kinds(self, row: WebhookEndpoint) -> str:
        return ", ".join(rule.label for kind, rule in RULES.items() if kind in row.kinds)

    @display(description="")
    def deeds(self, row: WebhookEndpoint) -> str:
        deeds = (("test", "Test"), ("secret", "New secret"), ("switch", "Switch off" if row.is_active else "Switch on"))
        links = ((reverse("admin:approvals_webhook_deed", args=[row.pk, name]), words) for name, words in deeds)
        return format_html_join(" · ", '<a class="text-primary-600" href="{}">{}</a>', links)

    @action(description="Add an endpoint", url_path="add-endpoint", permissions=["manage"])
    def add_endpoint(self, request: HttpRequest) -> HttpResponse:
        deed = Deed(
            title="Send news to an address outside",
            intro="Each message is signed. The secret is shown once, on the next page.",
            submit="Add",
            back=reverse("admin:approvals_webhookendpoint_changelist"),
        )
        form = EndpointForm(request.POST or None, request=request)

        def act(data: dict[str, Any]) -> HttpResponse:
            issued = make_endpoint(
                workspace_id=data["workspace"].pk,
                name=data["name"],
                url=data["url"],
                style=data["style"],
                kinds=data["kinds"],
                agent_id=data["agent"].pk if data["agent"] else None,
                user_id=user_of(request).pk,
                now=get_now(),
            )
            return _secret_page(request, data["name"], issued)

        return never_cache(ask)(request, deed, form, act, ERRORS)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self._deed)
        return [
            path("<uuid:endpoint_id>/<str:name>/do/", view, name="approvals_webhook_deed"),
            *super().get_urls(),
        ]

    def _deed(self, request: HttpRequest, endpoint_id: UUID, name: str) -> HttpResponse:
        row = get_object_or_404(WebhookEndpoint, pk=endpoint_id)
        if not may(user_of(request), "manage_agents", row.workspace_id):
            raise PermissionDenied
        return never_cache(_do)(request, row, name)


def _do(request: HttpRequest, row: WebhookEndpoint, name: str) -> HttpResponse:
    """One deed on one endpoint, asked first."""
    who: _Who = {"endpoint_id": row.pk, "user_id": user_of(request).pk}
    deeds: dict[str, tuple[str, str, Callable[[], HttpResponse | str]]] = {
        "test": (f"Send a test to {row.name}", "Send it", lambda: _test(who)),
        "secret": (
            f"A new secret for {row.name}",
            "Make a new secret",
            lambda: _secret_page(request, row.name, renew_secret(**who, now=get_now())),
        ),
        "switch": (
            f"Switch {row.name} {'off' if row.is_active else 'on'}",
            "Switch it",
            lambda: _switch(who, is_active=not row.is_active),
        ),
    }
    if name not in deeds:
        raise Http404
    title, submit, act = deeds[name]
    deed = Deed(
        title=title,
        intro=_INTROS[name],
        submit=submit,
        back=reverse("admin:approvals_webhookendpoint_changelist"),
        needs_reason=False,
        is_dangerous=name != "test",
    )
    return confirm(request, deed, lambda _reason: act(), ERRORS)


_INTROS = {
    "test": "A harmless piece of news, signed like any other. How it went stands under Webhook deliveries.",
    "secret": "From now on the old one signs nothing; the receiver needs the new one, which is shown once.",
    "switch": "Off: nothing is sent there, and what waits is dropped. On: it hears what comes from then on.",
}


class _Who(TypedDict):
    endpoint_id: UUID
    user_id: int


def _test(who: _Who) -> str:
    send_test(**who, now=get_now())
    return "On its way."


def _switch(who: _Who, *, is_active: bool) -> str:
    switch_endpoint(**who, is_active=is_active, now=get_now())
    return "Switched on." if is_active else "Switched off."


@sensitive_variables("issued")
def _secret_page(request: HttpRequest, name: str, issued: IssuedSecret) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"Secret of {name}",
        "secret": issued.secret,
        "back": reverse("admin:approvals_webhookendpoint_changelist"),
    }
    return TemplateResponse(request, "admin/webhook_secret.html", context)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(_Seen):
    """Each with its attempts; what failed for good can be sent again."""

    workspace_path = "endpoint__workspace"
    list_display = ("endpoint", "kind", "shown_state", "attempts_count", "last", "created_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("endpoint",)
    ordering = ("-id",)
    fields = readonly_fields = (
        "id", "endpoint", "kind", "shown_state", "attempts_count", "attempts", "created_at", "not_before", "ended_at",
    )  # fmt: skip
    actions = ("send_again",)

    @display(description="State", label={"delivered": "success", "failed": "danger", "waiting": "warning"})
    def shown_state(self, row: WebhookDelivery) -> str:
        return row.state

    @display(description="Last attempt")
    def last(self, row: WebhookDelivery) -> str:
        return row.log[-1]["what"] if row.log else "none yet"

    @display(description="Attempts")
    def attempts(self, row: WebhookDelivery) -> str:
        lines = ((line["attempt"], line["at"], line["what"]) for line in row.log)
        return format_html_join("", "{}. {}: {}<br>", lines) or "none yet"

    @action(description="Send those again that failed", permissions=["manage"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        mine = queryset.filter(endpoint__workspace__in=list_workspaces(request.user, "manage_agents"))
        actor, count = actor_of(request), 0
        try:
            for row in mine:
                count += retry_failed_delivery(delivery_id=row.pk, actor=actor, now=get_now())
        except LedgerUnavailableError as error:
            self.message_user(request, f"Not all are sent again: {error}.", messages.ERROR)
        self.message_user(request, f"{count} will be sent again.")
