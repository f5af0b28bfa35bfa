"""StandingApproval: one person's leave, given beforehand, for requests just like one that they approved (APR-11)."""

from django.db import models
from django.db.models import F, Q

from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import Agent, Connection, Person, Workspace


class StandingApproval(models.Model):
    """It covers one agent's one action on one object of one connection with exactly these fields.

    `allowed_values` is field → the new values that are covered, null for any. `uses` never passes `max_uses`. Live
    data, not policy: revoking it bites at once.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=30)
    object_type = models.CharField(max_length=60)
    fields = models.JSONField()
    allowed_values = models.JSONField(default=dict)
    min_confidence = models.FloatField()
    max_uses = models.PositiveIntegerField()
    uses = models.PositiveIntegerField(default=0)
    given_for = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="standing_number_once"),
            models.CheckConstraint(condition=Q(uses__lte=F("max_uses")), name="standing_uses_bounded"),
            models.CheckConstraint(condition=Q(max_uses__gte=1, max_uses__lte=1000), name="standing_uses_named"),
        ]
        indexes = [
            models.Index(fields=["agent", "action"], name="standing_live", condition=Q(revoked_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"standing approval {self.number}"
