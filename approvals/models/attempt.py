"""Attempt: one try to execute, with its recovery points (EXE-01, EXE-02)."""

from django.db import models

from approvals.domain.recovery import RecoveryPoint
from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id


class Attempt(models.Model):
    """Only `point` moves, and only forward. `before` is what the CRM held right before the write (RVT-01)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="attempts")
    epoch = models.PositiveIntegerField()
    worker = models.CharField(max_length=120)
    point = models.CharField(max_length=12, default=RecoveryPoint.CLAIMED)
    operation_key = models.CharField(max_length=80)
    guarantee = models.CharField(max_length=1, blank=True)
    before = models.JSONField(default=dict)
    before_version = models.CharField(max_length=120, blank=True)
    result_record_id = models.CharField(max_length=120, blank=True)
    after = models.JSONField(default=dict)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    reconciliations = models.PositiveSmallIntegerField(
        default=0, help_text="Times that an unknown outcome was looked up"
    )
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "epoch"], name="attempt_epoch")]
        indexes = [
            models.Index(
                fields=["result_record_id"], name="attempt_by_receipt", condition=~models.Q(result_record_id="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id} #{self.epoch}"
