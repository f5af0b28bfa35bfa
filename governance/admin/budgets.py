"""How much may be done in a window (LIM-01). What is taken of it is live and stands on the page Limits."""

from django.contrib import admin
from unfold.decorators import display

from governance.admin.governed import GovernedAdmin
from governance.models import Budget


@admin.register(Budget)
class BudgetAdmin(GovernedAdmin):
    list_display = ("unit", "shown_key", "window", "limit", "currency")
    list_filter = ("unit", "key", "window")
    ordering = ("unit", "key", "window", "scope")
    fields = ("workspace", ("unit", "limit", "window"), ("key", "scope"), ("segment_field", "currency"))

    @display(description="For each", ordering="key")
    def shown_key(self, row: Budget) -> str:
        return row.scope or row.get_key_display()
