"""ReceivedOptOut: a CRM's word that someone wants no more e-mail, until the do-not-contact list knows (DNC-04)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models import Connection


class ReceivedOptOut(models.Model):
    """One row per event, however often it is delivered: `digest` is made of what it says.

    `not_before`: a worker looks at it from then on; it moves on while one does, and after each try that failed. From
    `stuck_at` on none does, until somebody has seen that the CRM answers again.
    `result` is `listed`, or why there was nobody to list."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="opt_outs", db_index=False)
    digest = models.CharField(max_length=64)
    record_id = models.CharField(max_length=20)
    received_at = models.DateTimeField()
    not_before = models.DateTimeField()
    tries_count = models.PositiveIntegerField(default=0)
    stuck_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "digest"], name="opt_out_once")]
        indexes = [models.Index(fields=["not_before"], condition=models.Q(done_at__isnull=True), name="opt_out_due")]

    def __str__(self) -> str:
        return f"opt-out of {self.record_id}"
