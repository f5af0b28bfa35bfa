"""The embedded CRM's schema as a person changes it. The registry hears of it by "Sync schema to the registry"."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from audit.selectors.clock import get_now
from crm_connectors.admin.schema_access import WorkspaceSchemaAdmin
from crm_connectors.models import CrmField, CrmObject
from crm_connectors.services.schema_sync import sync_schemas


class OptionsField(forms.CharField):
    """Options as lines of `stored value | label`; a line without a bar is both."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 10})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(stored if stored == label else f"{stored} | {label}" for stored, label in value)

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in (value or "").splitlines())
        pairs = (line.partition("|") for line in lines if line)
        return [[stored.strip(), (label or stored).strip()] for stored, _, label in pairs]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class CrmFieldForm(forms.ModelForm):  # type: ignore[type-arg]
    options = OptionsField(required=False, help_text="One a line: stored value | label")

    class Meta:
        model = CrmField
        fields = "__all__"  # noqa: DJ007 (every column is the person's to set)


@admin.register(CrmObject)
class CrmObjectAdmin(WorkspaceSchemaAdmin):
    list_display = ("label", "name", "connection")
    list_select_related = ("connection",)
    ordering = ("label",)
    actions = ("sync_schema",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        if not change:
            obj.created_at = get_now()
        super().save_model(request, obj, form, change)

    @action(description="Sync schema to the registry", permissions=["change"])
    def sync_schema(self, request: HttpRequest, queryset: QuerySet[CrmObject]) -> None:
        connection_ids = sync_schemas(
            connection_ids=set(queryset.values_list("connection_id", flat=True)), now=get_now()
        )
        messages.success(
            request, f"The schema of {len(connection_ids)} connection(s) was synced; look at the registry."
        )

    def has_delete_permission(self, request: HttpRequest, obj: CrmObject | None = None) -> bool:  # noqa: ARG002
        return False


@admin.register(CrmField)
class CrmFieldAdmin(WorkspaceSchemaAdmin):
    connection_path = "crm_object__connection"
    form = CrmFieldForm
    list_display = ("label", "name", "crm_object", "field_type", "is_required", "is_read_only")
    list_filter = ("crm_object__name", "field_type")
    list_select_related = ("crm_object__connection",)
    search_fields = ("name", "label")
    ordering = ("crm_object", "position")
    list_per_page = 50
