"""The field registry: synced from the CRM, reviewed by people; the Revenue 20; stage requirements."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from audit.selectors.clock import get_now
from governance.admin.actor import actor_of
from governance.admin.governed import GovernedAdmin
from governance.admin.lists import LinesField, ensure_registered
from governance.domain.vocabulary import ReviewState
from governance.models import RegisteredField, RevenueField, StageRequirement, StageTransition
from governance.services.registry import ReviewError, review_fields


@admin.register(RegisteredField)
class RegisteredFieldAdmin(GovernedAdmin):
    workspace_path = "connection__workspace"
    list_display = ("field", "label", "field_type", "shown_state", "classification", "is_sensitive", "connection")
    list_editable = ("classification", "is_sensitive")
    list_filter = ("review_state", "classification", "object_type", "connection", "is_sensitive")
    list_select_related = ("connection",)
    search_fields = ("name", "label", "object_type")
    ordering = ("object_type", "name")
    actions = ("mark_reviewed", "mark_unreviewed")
    fields = (
        ("connection", "object_type", "name"),
        ("label", "field_type", "max_length"),
        ("is_read_only", "is_required"),
        "options",
        "review_state",
        ("classification", "is_sensitive"),
        "revenue_field",
    )
    readonly_fields = (
        "connection",
        "object_type",
        "name",
        "label",
        "field_type",
        "max_length",
        "is_read_only",
        "is_required",
        "options",
        "review_state",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False  # fields come from the CRM's schema alone

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    @display(description="Field", ordering="name")
    def field(self, row: RegisteredField) -> str:
        return f"{row.object_type}.{row.name}"

    @display(
        description="Review",
        ordering="review_state",
        label={"reviewed": "success", "unreviewed": "warning", "gone": "danger"},
    )
    def shown_state(self, row: RegisteredField) -> str:
        return row.review_state

    @action(description="Mark as reviewed, with the class shown", permissions=["change"])
    def mark_reviewed(self, request: HttpRequest, queryset: QuerySet[RegisteredField]) -> None:
        self._review(request, queryset, ReviewState.REVIEWED)

    @action(description="Send back to review", permissions=["change"])
    def mark_unreviewed(self, request: HttpRequest, queryset: QuerySet[RegisteredField]) -> None:
        self._review(request, queryset, ReviewState.UNREVIEWED)

    def _review(self, request: HttpRequest, queryset: QuerySet[RegisteredField], state: str) -> None:
        rows = list(queryset.select_related("connection"))
        if not all(self.has_change_permission(request, row) for row in rows):
            raise PermissionDenied
        ids = [row.pk for row in rows]
        try:
            count = review_fields(
                field_ids=ids, state=state, classification=None, actor=actor_of(request), now=get_now()
            )
        except ReviewError as error:
            self.message_user(request, f"Nothing changed: {error}.", messages.ERROR)
        else:
            self.message_user(request, f"{count} fields are {state}. Publish the policy to put this in force.")


@admin.register(RevenueField)
class RevenueFieldAdmin(GovernedAdmin):
    list_display = ("position", "name", "owner_role", "fields_mapped")
    list_display_links = ("name",)
    list_editable = ("owner_role",)
    search_fields = ("name",)
    ordering = ("position",)
    fields = ("workspace", ("position", "name"), "owner_role", "shown_names")
    readonly_fields = ("shown_names",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RevenueField]:
        rows: QuerySet[RevenueField] = super().get_queryset(request).annotate(mapped=Count("fields"))
        return rows

    @display(description="Registered fields", ordering="mapped")
    def fields_mapped(self, row: Any) -> str:
        return str(row.mapped) if row.mapped else "none"

    @display(description="Names")
    def shown_names(self, row: RevenueField) -> str:
        return "\n".join(f"{kind}: {name}" for kind, name in sorted(row.names_by_kind.items()))


class StageRequirementForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    required_fields = LinesField()

    class Meta:
        model = StageRequirement
        fields = ("connection", "object_type", "stage_field", "stage", "required_fields")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("connection"):
            names = [*(data.get("required_fields") or []), data.get("stage_field") or ""]
            ensure_registered(data["connection"].pk, data.get("object_type", ""), names)
        return data


@admin.register(StageRequirement)
class StageRequirementAdmin(GovernedAdmin):
    workspace_path = "connection__workspace"
    form = StageRequirementForm
    list_display = ("object_type", "stage", "needs", "connection")
    list_filter = ("object_type", "connection")
    list_select_related = ("connection",)

    @display(description="Needs")
    def needs(self, row: StageRequirement) -> str:
        return ", ".join(row.required_fields)


class StageTransitionForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    to_stages = LinesField()

    class Meta:
        model = StageTransition
        fields = ("connection", "object_type", "stage_field", "from_stage", "to_stages")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("connection"):
            ensure_registered(data["connection"].pk, data.get("object_type", ""), [data.get("stage_field") or ""])
        return data


@admin.register(StageTransition)
class StageTransitionAdmin(GovernedAdmin):
    workspace_path = "connection__workspace"
    form = StageTransitionForm
    list_display = ("shown_from", "leads_to", "object_type", "stage_field", "connection")
    list_filter = ("object_type", "connection")
    list_select_related = ("connection",)
    ordering = ("object_type", "stage_field", "from_stage")

    @display(description="From", ordering="from_stage")
    def shown_from(self, row: StageTransition) -> str:
        return row.from_stage or "empty"

    @display(description="To")
    def leads_to(self, row: StageTransition) -> str:
        return ", ".join(row.to_stages) or "nowhere"
