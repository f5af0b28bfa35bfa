"""Sampling: the plan that people edit, the periods that draw by it, and what was seen when (QAS-01)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.domain.sampling import Rates
from audit.domain.identifier import new_id
from governance.models import Agent, Workspace

_PERCENT = [MaxValueValidator(100)]


class SamplingPlan(models.Model):
    """How often people look again at what agents did. An edit counts from the next draw on, in a period of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.OneToOneField(Workspace, on_delete=models.PROTECT, related_name="sampling_plan")
    restricted_percent = models.PositiveSmallIntegerField(
        "restricted actions, %",
        default=100,
        validators=_PERCENT,
        help_text="What a person approved, and everything that reaches people outside",
    )
    new_agent_percent = models.PositiveSmallIntegerField(
        "safe actions of a new agent, %", default=20, validators=_PERCENT
    )
    new_agent_days = models.PositiveSmallIntegerField(
        "an agent is new for, days", default=28, help_text="From the first action of it that was carried out"
    )
    safe_percent = models.PositiveSmallIntegerField("safe actions afterwards, %", default=10, validators=_PERCENT)
    risky_percent = models.PositiveSmallIntegerField(
        "risky ones, at least %", default=50, validators=_PERCENT, help_text="Where one of the marks below holds"
    )
    new_version_days = models.PositiveSmallIntegerField("an agent's version is new for, days", default=14)
    new_field_days = models.PositiveSmallIntegerField("a field is new to an agent for, days", default=14)
    reverted_days = models.PositiveSmallIntegerField("after a revert of the same field, days", default=14)
    low_confidence = models.FloatField(
        "confidence below", default=0.8, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    large_field = models.CharField(
        "size of an account", max_length=120, default="numberofemployees", blank=True, help_text="Empty: no such mark"
    )
    large_from = models.FloatField("large from", default=1_000)
    canary_every = models.PositiveIntegerField(
        "one canary for so many decided requests",
        default=0,
        help_text="A canary looks like an agent's request, must be denied, and is never carried out. 0: none",
    )
    watch_days = models.PositiveSmallIntegerField(
        "agents' values are watched for, days",
        default=14,
        help_text="A person who overwrites one in the CRM within this time has rejected it",
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = "quality sampling"
        verbose_name_plural = "quality sampling"

    def __str__(self) -> str:
        return f"sampling plan of {self.workspace_id}"

    def rates(self) -> Rates:
        """What a period opened now would draw by."""
        return Rates(**{name: getattr(self, name) for name in Rates.__struct_fields__})


class SamplingPeriod(models.Model):
    """One secret seed and the rates that go with it. It draws from the leaf after `first_leaf` to the next period's.

    `seed` is kept to itself until `revealed_at`; `commitment` was in the ledger before the first draw.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="sampling_periods")
    number = models.PositiveIntegerField()
    seed = models.BinaryField(max_length=32)
    commitment = models.CharField(max_length=71)
    rates = models.JSONField()
    opened_at = models.DateTimeField()
    first_leaf = models.BigIntegerField(null=True, help_text="Where the ledger says that it opened")
    revealed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="sampling_period_number"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(revealed_at__isnull=True), name="sampling_period_one_secret"
            ),
        ]

    def __str__(self) -> str:
        return f"sampling period {self.number}"


class FirstDone(models.Model):
    """When an agent, a version of it or a field was first at work, and when the field was last taken back.

    `kind` is agent, version or field; `key` the version's id or `object.field`. Written by the follower alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8)
    key = models.CharField(max_length=200, blank=True)
    first_at = models.DateTimeField()
    reverted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "kind", "key"], name="first_done_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
