"""DriftFinding: whose an observed change was, and the incident that it is evidence of."""

from django.db import models
from django.db.models import Q

from approvals.domain.drift import Origin
from approvals.models.incident import Incident
from approvals.models.request import AgentActionRequest
from governance.models import Connection, Workspace


class DriftFinding(models.Model):
    """One for each observed change, never judged again. `request` is the one that explains it, where one does."""

    change = models.OneToOneField(
        "crm_connectors.ObservedChange", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", db_index=False)
    origin = models.CharField(max_length=12, choices=[(item.value, item.value) for item in Origin])
    request = models.ForeignKey(
        AgentActionRequest, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="drift")
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(origin="ungoverned") | Q(incident__isnull=False), name="drift_ungoverned_is_told"
            )
        ]
        indexes = [models.Index(fields=["connection", "found_at"], name="drift_by_time")]

    def __str__(self) -> str:
        return f"{self.origin}: {self.change_id}"


class DriftMark(models.Model):
    """How far a connection's observed changes were judged: all that was seen before `judged_until` has its finding."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, primary_key=True, related_name="+")
    judged_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"judged until {self.judged_until}"
