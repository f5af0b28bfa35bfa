"""How each action class is treated."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from governance.admin.governed import GovernedAdmin
from governance.models import ActionTier


@admin.register(ActionTier)
class ActionTierAdmin(GovernedAdmin):
    list_display = ("action", "shown_tier", "groups", "approvals_needed", "min_confidence", "min_evidence")
    list_filter = ("risk_tier",)
    ordering = ("action",)
    fields = (
        ("workspace", "action"),
        "risk_tier",
        ("approver_groups", "approvals_needed"),
        ("min_confidence", "min_evidence", "expires_after_seconds"),
        ("hold_seconds", "max_rows"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ActionTier]:
        return super().get_queryset(request).prefetch_related("approver_groups")

    @display(
        description="Tier",
        ordering="risk_tier",
        label={"autonomous": "success", "gated": "info", "approval": "warning", "blocked": "danger"},
    )
    def shown_tier(self, row: ActionTier) -> str:
        return row.risk_tier

    @display(description="Approver groups")
    def groups(self, row: ActionTier) -> str:
        return ", ".join(group.name for group in row.approver_groups.all()) or "–"
