"""DeliveryReport: what became of a message after it left, as the system that carried it says (LIM-04)."""

from django.db import models

from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id

KINDS = ("bounce", "complaint", "reply")


class DeliveryReport(models.Model):
    """One bounce, complaint or reply to one sent message; the second report of the same is the first."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="delivery_reports")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    reported_at = models.DateTimeField()
    reported_by = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "kind"], name="delivery_report_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.request_id}"
