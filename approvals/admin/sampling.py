"""The sampling plan in the console: how often people look again at what agents did (QAS-01)."""

from django.contrib import admin

from approvals.models import SamplingPlan
from governance.admin.governed import GovernedAdmin


@admin.register(SamplingPlan)
class SamplingPlanAdmin(GovernedAdmin):
    list_display = ("workspace", "restricted_percent", "new_agent_percent", "safe_percent", "risky_percent")
    list_select_related = ("workspace",)
    ordering = ("workspace",)
    fieldsets = (
        (None, {"fields": ("workspace",)}),
        (
            "How often",
            {
                "fields": (
                    "restricted_percent",
                    ("new_agent_percent", "new_agent_days"),
                    "safe_percent",
                    "risky_percent",
                )
            },
        ),
        (
            "What is risky",
            {
                "fields": (
                    ("new_version_days", "new_field_days", "reverted_days"),
                    "low_confidence",
                    ("large_field", "large_from"),
                )
            },
        ),
        ("Silent rejections", {"fields": ("watch_days",)}),
        ("Canaries", {"fields": ("canary_every",)}),
    )
