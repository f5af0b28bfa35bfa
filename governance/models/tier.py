"""ActionTier: how one action class is treated in a workspace, and what it needs (PRM-05, APR-05, CNT-01)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.vocabulary import Action, RiskTier
from governance.models.people import ApproverGroup
from governance.models.workspace import Workspace


class ActionTier(models.Model):
    """One action class. Reads are governed by grants alone and have no tier."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="action_tiers")
    action = models.CharField(max_length=30, choices=[(item.value, item.value) for item in Action])
    risk_tier = models.CharField(
        max_length=20, choices=[(item.value, item.value) for item in RiskTier], default=RiskTier.BLOCKED
    )
    approver_groups = models.ManyToManyField(ApproverGroup, blank=True, related_name="action_tiers")
    approvals_needed = models.PositiveSmallIntegerField(default=1, help_text="Distinct people in all")
    min_confidence = models.FloatField(
        default=0.0, help_text="0 to 1; below it a person decides or the action is denied"
    )
    min_evidence = models.PositiveSmallIntegerField(default=0, help_text="Entries of evidence that must come along")
    expires_after_seconds = models.PositiveIntegerField(default=86_400)
    hold_seconds = models.PositiveIntegerField(
        default=0, help_text="How long an approved action waits before it runs, and can be cancelled; 0 for not at all"
    )
    max_rows = models.PositiveIntegerField(default=1_000, help_text="Rows that one export may hold")
    history = HistoricalRecords(m2m_fields=[approver_groups])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "action"], name="action_tier_once"),
            models.CheckConstraint(condition=models.Q(approvals_needed__gte=1), name="action_tier_approvals"),
            models.CheckConstraint(
                condition=models.Q(min_confidence__gte=0, min_confidence__lte=1), name="action_tier_confidence"
            ),
            models.CheckConstraint(condition=models.Q(expires_after_seconds__gte=10), name="action_tier_expiry"),
            models.CheckConstraint(condition=models.Q(hold_seconds__lte=86_400), name="action_tier_hold"),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.risk_tier}"
