"""KillSwitch: what is stopped now (KIL-01). A row is in force from `engaged_at` until `lifted_at`."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.vocabulary import SwitchKind
from governance.models.agent import Agent
from governance.models.workspace import Workspace


class KillSwitch(models.Model):
    """One stop of one workspace, or of one of its agents; at most one of a kind is in force."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="kill_switches")
    kind = models.CharField(max_length=20, choices=[(item.value, item.value) for item in SwitchKind])
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, blank=True, related_name="kill_switches")
    reason = models.TextField()
    engaged_by = models.CharField(max_length=120)
    engaged_at = models.DateTimeField()
    lift_proposed_by = models.CharField(max_length=120, blank=True, default="")
    lifted_by = models.CharField(max_length=120, blank=True, help_text="The second person, who countersigned")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "kill switches"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=SwitchKind.AGENT, agent__isnull=False)
                | (~models.Q(kind=SwitchKind.AGENT) & models.Q(agent__isnull=True)),
                name="kill_switch_agent",
            ),
            models.UniqueConstraint(
                fields=["workspace", "kind"],
                condition=models.Q(lifted_at__isnull=True, agent__isnull=True),
                name="kill_switch_in_force_once",
            ),
            models.UniqueConstraint(
                fields=["agent"],
                condition=models.Q(lifted_at__isnull=True, agent__isnull=False),
                name="agent_switch_in_force_once",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="kill_switch_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, lifted_by="", lift_reason="")
                | (models.Q(lifted_at__isnull=False) & ~models.Q(lifted_by="") & ~models.Q(lift_reason="")),
                name="kill_switch_lifted_by_someone_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.kind
