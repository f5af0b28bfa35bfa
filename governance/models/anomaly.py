"""Anomaly stops: what is unusual (policy), and what each agent usually does (kept by the watch) (LIM-05)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.budget_window import a_window
from governance.domain.vocabulary import AnomalySignal, BudgetWindow
from governance.models.agent import Agent
from governance.models.workspace import Workspace


class Anomaly(models.Model):
    """One line that no agent crosses without being stopped. Bites once it is published."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="anomalies")
    signal = models.CharField(
        max_length=20,
        choices=[(item.value, item.value.replace("_", " ")) for item in AnomalySignal],
        help_text="What is counted for each agent",
    )
    window = models.CharField(max_length=10, choices=[(item.value, item.value) for item in BudgetWindow])
    floor = models.PositiveIntegerField("never unusual up to", help_text="Also holds while an agent is new")
    factor = models.FloatField(
        "times the usual", default=3.0, help_text="Volume: above the floor, so many times the agent's hourly median"
    )
    scope = models.CharField(
        "only for", max_length=120, blank=True, help_text="One agent; it then stands in the place of the one for all"
    )
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "anomaly stop"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "signal", "window", "scope"], name="anomaly_once"),
        ]

    def __str__(self) -> str:
        return f"{self.signal} {a_window(self.window)}"


class AgentBaseline(models.Model):
    """What an agent usually does. `per_hour` is the median of the hours in which it worked, None while it is new."""

    agent = models.OneToOneField(Agent, on_delete=models.PROTECT, primary_key=True, related_name="baseline")
    per_hour = models.PositiveIntegerField(null=True)
    known_since = models.DateTimeField(help_text="When it first worked, as far back as the watch looks")
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.per_hour}"


class AgentHabit(models.Model):
    """One thing that an agent has done: a domain, a sequence or a field, by the sha256 of its name. Enough to know it
    again, nothing to read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    signal = models.CharField(max_length=20)
    key = models.CharField(max_length=64)
    first_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "signal", "key"], name="agent_habit_once")]
        indexes = [models.Index(fields=["first_at"], name="agent_habit_by_time")]

    def __str__(self) -> str:
        return f"{self.signal} {self.key[:12]}"
