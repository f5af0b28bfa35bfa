"""Golden cases in the console: what policy must decide, whatever is edited (POL-05)."""

from typing import Any

from django.contrib import admin
from unfold.decorators import display

from governance.admin.governed import GovernedAdmin
from governance.admin.lists import LinesField
from governance.models import GoldenCase


@admin.register(GoldenCase)
class GoldenCaseAdmin(GovernedAdmin):
    permission = "publish_policy"
    list_display = ("name", "expected_outcome", "shown_codes", "workspace", "created_at")
    list_select_related = ("workspace",)
    list_filter = ("expected_outcome",)
    search_fields = ("name", "note")
    ordering = ("name",)
    fields = ("workspace", "name", "expected_outcome", "expected_codes", "note", "facts")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "expected_codes":
            return LinesField(required=False, help_text=db_field.help_text)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="Reasons that must be given")
    def shown_codes(self, row: GoldenCase) -> str:
        return ", ".join(row.expected_codes) or "any"
