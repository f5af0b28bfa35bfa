"""ControlEvidence: what the product itself has seen to work, pushed down by the rooms above (SBX-01)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models.agent import Agent
from governance.models.workspace import Workspace


class ControlEvidence(models.Model):
    """One proof. `kind` says of what, `subject` by which request or drill; the same subject proves a kind once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="control_evidence_once")]
        indexes = [models.Index(fields=["agent", "kind", "-created_at"], name="control_evidence_of_agent")]

    def __str__(self) -> str:
        return self.kind
