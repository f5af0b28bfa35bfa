"""The ownership matrix, edited like a sheet (REG-03)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from governance.admin.governed import GovernedAdmin
from governance.admin.lists import WritersField
from governance.admin.matrix_sheet import list_urls, show_page
from governance.domain.vocabulary import PermissionLevel
from governance.models import FieldOwnership


class OwnershipForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    allowed_writers = WritersField()

    class Meta:
        model = FieldOwnership
        fields = (
            "field",
            "owner_role",
            "owner_person",
            "source_of_truth",
            "permission_level",
            "allowed_writers",
            "is_golden",
            "review_required",
            "suggestion_field",
            "promote_on_approval",
            "refresh_after_days",
            "rollback_method",
            "value_format",
            "min_value",
            "max_value",
            "components_field",
            "version_field",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        field, suggestion = data.get("field") or self.instance.__dict__.get("field"), data.get("suggestion_field")
        if (
            field
            and suggestion
            and (field.connection_id, field.object_type)
            != (
                suggestion.connection_id,
                suggestion.object_type,
            )
        ):
            raise forms.ValidationError("the suggestion field belongs to another object")
        return data


@admin.register(FieldOwnership)
class FieldOwnershipAdmin(GovernedAdmin):
    workspace_path = "field__connection__workspace"
    form = OwnershipForm
    search_fields = ("field__name", "field__label", "field__object_type", "owner_role")
    fields = (
        "field",
        ("owner_role", "owner_person"),
        ("source_of_truth", "rollback_method", "refresh_after_days"),
        ("permission_level", "allowed_writers"),
        ("is_golden", "review_required"),
        ("suggestion_field", "promote_on_approval"),
        ("value_format", "min_value", "max_value"),
        ("components_field", "version_field"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[FieldOwnership]:
        rows: QuerySet[FieldOwnership] = super().get_queryset(request).select_related("field__connection")
        return rows

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """The sheet stands where Django's list would."""
        return show_page(request)

    def get_urls(self) -> list[URLPattern]:
        return [*list_urls(self.admin_site), *super().get_urls()]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Levels in words."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "permission_level" and field is not None:
            field.choices = [(item.value, item.value.replace("_", " ")) for item in PermissionLevel]
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("field",) if obj else ()
