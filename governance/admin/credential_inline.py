"""The credentials of an agent or an integration, on its page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from governance.admin.inlines import GovernedTabularInline
from governance.models import Credential


class CredentialInline(GovernedTabularInline):
    """Seen here, changed by their own pages alone."""

    model = Credential
    permission = "manage_agents"
    tab = True
    hide_title = True
    fields = readonly_fields = ("client_id", "created", "last_used_at", "revoked_at", "change_it")
    can_delete = False
    show_change_link = False
    ordering = ("-created", "-pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    @display(description="Change")
    def change_it(self, row: Credential) -> str:
        if row.revoked_at is not None:
            return "revoked"
        return format_html(
            '<a class="text-primary-600" href="{}">Rotate</a> · <a class="text-red-600" href="{}">Revoke</a>',
            reverse("admin:governance_credential_rotate", args=[row.pk]),
            reverse("admin:governance_credential_revoke", args=[row.pk]),
        )
