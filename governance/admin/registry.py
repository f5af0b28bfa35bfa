"""The field registry: synced from the CRM, reviewed by people; the Revenue 20; stage requirements."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display

from audit.selectors.clock import get_now
from governance.admin.actor import actor_of
from governance.admin.governed import GovernedAdmin
from governance.admin.lists import LinesField, ensure_registered
from governance.domain.vocabulary import ReviewState
from governance.models import RegisteredField, RevenueField, StageRequirement, StageTransition
from governance.selectors.access import list_workspaces
from governance.selectors.revenue_coverage import list_coverage, list_realised
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


class NamesField(LinesField):
    """Names by kind of CRM, one a line: `hubspot: deals.amount`."""

    def prepare_value(self, value: Any) -> Any:
        return (
            "\n".join(f"{kind}: {name}" for kind, name in sorted(value.items())) if isinstance(value, dict) else value
        )

    def to_python(self, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        lines = [line.partition(":") for line in super().to_python(value)]
        names = {kind.strip(): name.strip() for kind, _, name in lines}
        if len(names) != len(lines) or not all(kind and name for kind, name in names.items()):
            raise forms.ValidationError("write one line for each kind of CRM, like `hubspot: deals.amount`")
        return names

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or {}) != self.to_python(data))
        except forms.ValidationError:
            return True


class RevenueFieldForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    names_by_kind = NamesField(label="Names", help_text="One a line: kind of CRM: object.field")

    class Meta:
        model = RevenueField
        fields = ("workspace", "position", "name", "owner_role", "names_by_kind")


@admin.register(RevenueField)
class RevenueFieldAdmin(GovernedAdmin):
    form = RevenueFieldForm
    list_display = ("position", "name", "owner_role", "realised_by")
    list_display_links = ("name",)
    list_editable = ("owner_role",)
    search_fields = ("name",)
    ordering = ("position",)
    fields = ("workspace", ("position", "name"), "owner_role", "names_by_kind")
    list_before_template = "governance/revenue_coverage.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        seen = list_workspaces(request.user, self.permission, *self.view_permissions)
        context = {**(extra_context or {}), "coverage": list_coverage(list(seen.values_list("pk", flat=True)))}
        response: HttpResponse = super().changelist_view(request, context)
        return response

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's rows, each with what realises it: one query for the page."""
        page = super().get_changelist_instance(request)
        rows = list(page.result_list)
        realised = list_realised([row.pk for row in rows])
        for row in rows:
            row.realised = realised.get(row.pk, ())
        return page

    @display(description="Realised by")
    def realised_by(self, row: Any) -> str:
        return "; ".join(getattr(row, "realised", ())) or "nothing"


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
