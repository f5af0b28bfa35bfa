"""BreakGlass: for a few hours an action of tier `blocked` may be approved by people (PRM-10)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.break_glass import MAX_MINUTES
from governance.models.agent import Agent
from governance.models.change import ChangeProposal
from governance.models.connection import Connection
from governance.models.people import Person


class BreakGlass(models.Model):
    """One opening, made by countersigning its proposal. Live until `expires_at` or until someone ends it.

    Without a record it holds for every record of the object.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    proposal = models.OneToOneField(ChangeProposal, on_delete=models.PROTECT, related_name="break_glass")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="break_glasses")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=30)
    object_type = models.CharField(max_length=60)
    record_id = models.CharField(max_length=120, blank=True)
    reason = models.TextField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    countersigned_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    expires_at = models.DateTimeField()
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "break-glass"
        indexes = [models.Index(fields=["agent", "action", "expires_at"], name="break_glass_of_agent")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="break_glass_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(minutes__gte=1, minutes__lte=MAX_MINUTES), name="break_glass_is_short"
            ),
            models.CheckConstraint(
                condition=~models.Q(asked_by=models.F("countersigned_by")), name="break_glass_takes_two_people"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="break_glass_ended_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type}"
