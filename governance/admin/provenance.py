"""Provenance fields in the console: one row for each object."""

from typing import Any

from django import forms
from django.contrib import admin
from unfold.decorators import display

from governance.admin.governed import GovernedAdmin
from governance.admin.lists import ensure_registered
from governance.domain.provenance_mapping import MEMBER_TYPES
from governance.models import ProvenanceFields


class ProvenanceForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = ProvenanceFields
        fields = ("connection", "object_type", *MEMBER_TYPES, "trace_address")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("connection"):
            names = [data[name] for name in MEMBER_TYPES if data.get(name)]
            ensure_registered(data["connection"].pk, data.get("object_type", ""), names)
        return data


@admin.register(ProvenanceFields)
class ProvenanceFieldsAdmin(GovernedAdmin):
    workspace_path = "connection__workspace"
    form = ProvenanceForm
    list_display = ("object_type", "fills", "connection")
    list_filter = ("connection",)
    list_select_related = ("connection",)
    ordering = ("object_type",)
    fields = (
        ("connection", "object_type"),
        ("at_field", "agent_field"),
        ("source_field", "confidence_field"),
        "reason_field",
        ("request_field", "trace_address"),
    )

    @display(description="Fills with each agent write")
    def fills(self, row: ProvenanceFields) -> str:
        return ", ".join(name for member in MEMBER_TYPES if (name := getattr(row, member))) or "nothing"
