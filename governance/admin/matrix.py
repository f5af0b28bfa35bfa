"""The ownership matrix, edited like a sheet (REG-03)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from governance.admin.governed import GovernedAdmin
from governance.admin.lists import WritersField
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
            "rollback_method",
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
    list_display = (
        "field",
        "shown_class",
        "owner_role",
        "permission_level",
        "writers",
        "is_golden",
        "review_required",
        "suggestion",
    )
    list_editable = ("owner_role", "permission_level", "is_golden", "review_required")
    list_filter = (
        "permission_level",
        "field__object_type",
        "field__classification",
        "is_golden",
        "field__connection",
        "owner_role",
    )
    list_select_related = ("field__connection", "suggestion_field")
    search_fields = ("field__name", "field__label", "field__object_type", "owner_role")
    ordering = ("field__object_type", "field__name")
    list_per_page = 30
    fields = (
        "field",
        ("owner_role", "owner_person"),
        ("source_of_truth", "rollback_method"),
        ("permission_level", "allowed_writers"),
        ("is_golden", "review_required"),
        "suggestion_field",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[FieldOwnership]:
        rows: QuerySet[FieldOwnership] = super().get_queryset(request).select_related("field__connection")
        return rows

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Levels in words, wide enough to be read in the list."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "owner_role" and field is not None:
            field.widget.attrs["style"] = "min-width: 9rem"  # a role like sales-managers stays readable
        if db_field.name == "permission_level" and field is not None:
            field.choices = [(item.value, item.value.replace("_", " ")) for item in PermissionLevel]
            field.widget.attrs["class"] = f"{field.widget.attrs.get('class', '')} min-w-32"
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("field",) if obj else ()

    @display(description="Class", ordering="field__classification")
    def shown_class(self, row: FieldOwnership) -> str:
        return row.field.classification.replace("_", " ")

    @display(description="Writers")
    def writers(self, row: FieldOwnership) -> str:
        return ", ".join(row.allowed_writers) or "nobody named"

    @display(description="Suggestion field")
    def suggestion(self, row: FieldOwnership) -> str:
        return row.suggestion_field.name if row.suggestion_field is not None else "–"
