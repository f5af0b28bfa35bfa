"""Integrations: systems of the company that may do one thing over the API, with an owner and credentials."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display

from governance.admin.credential_inline import CredentialInline
from governance.admin.credential_pages import issue_page
from governance.admin.governed import GovernedAdmin, find_or_404
from governance.domain.scopes import INTEGRATION_SCOPES
from governance.models import Integration


class IntegrationForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    scopes = forms.MultipleChoiceField(
        choices=[(name, f"{meaning} ({name})") for name, meaning in INTEGRATION_SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        label="What it may do",
    )

    class Meta:
        model = Integration
        fields = ("workspace", "name", "owner", "scopes", "is_active")


@admin.register(Integration)
class IntegrationAdmin(GovernedAdmin):
    form = IntegrationForm
    permission = "manage_agents"
    list_display = ("name", "owner", "shown_scopes", "is_active", "workspace")
    list_filter = ("is_active",)
    list_select_related = ("owner", "workspace")
    search_fields = ("name", "owner__name")
    ordering = ("name",)
    fields = ("workspace", "name", "owner", "scopes", "is_active")
    inlines = (CredentialInline,)
    actions_detail = ("issue_credential",)

    @display(description="May")
    def shown_scopes(self, row: Integration) -> str:
        return "; ".join(INTEGRATION_SCOPES.get(name, name) for name in row.scopes)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False  # it is switched off; what it did stays its own

    @action(description="Issue credential", url_path="issue-credential", permissions=["issue_credential"])
    def issue_credential(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return issue_page(request, find_or_404(Integration.objects.all(), object_id))

    def has_issue_credential_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may(request, self._find(object_id) if object_id else None, self.permission)

    def _find(self, object_id: str) -> Integration | None:
        """The integration of this page, None for an address that none can have."""
        try:
            return Integration.objects.filter(pk=object_id).first()
        except ValidationError:
            return None
