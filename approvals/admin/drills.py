"""RevOps' own dumb failures in the console, with history and a ledger event per edit (PRG-02)."""

from django.contrib import admin

from approvals.models import DrillCase
from governance.admin.governed import GovernedAdmin


@admin.register(DrillCase)
class DrillCaseAdmin(GovernedAdmin):
    list_display = ("name", "story", "expected", "mended_by")
    search_fields = ("name", "story")
    ordering = ("name",)
    fields = ("workspace", "name", "story", "proposal", "target", "expected", "mended_by")
