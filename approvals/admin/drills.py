"""RevOps' own dumb failures in the console, with history and a ledger event per edit (PRG-02)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from approvals.models import DrillCase
from governance.admin.governed import GovernedAdmin


@admin.register(DrillCase)
class DrillCaseAdmin(GovernedAdmin):
    list_display = ("name", "story", "expected", "control", "mended_by")
    search_fields = ("name", "story")
    ordering = ("name",)
    fields = ("workspace", "name", "story", "proposal", "target", "expected", "control", "mended_by")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """An example to write over: nobody knows the members of a proposal by heart."""
        example = {"action": "update", "target": {"object": "companies"}, "changes": {"country": "Atlantis"}}
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return {"proposal": example, "target": "companies", "expected": ["denied"], **initial}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in {"story", "mended_by", "expected"} and field is not None:
            field.widget.attrs["rows"] = 3
        return field
