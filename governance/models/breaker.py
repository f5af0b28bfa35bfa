"""Circuit breakers: what trips them (policy), and how each of them stands (live) (LIM-04)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.vocabulary import BreakerSignal, Environment
from governance.models.agent import Agent
from governance.models.people import Person
from governance.models.workspace import Workspace


class Breaker(models.Model):
    """One breaker. Watches and stops once it is published; inactive, it is left out of what is published."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="breakers")
    name = models.SlugField(max_length=60, help_text="Like send-bounces; its state hangs on it")
    signal = models.CharField(
        "watches",
        max_length=20,
        choices=[(item.value, item.value) for item in BreakerSignal],
        help_text="What turns bad",
    )
    environment = models.CharField(max_length=20, choices=[(item.value, item.value) for item in Environment])
    agent = models.ForeignKey(
        Agent,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="breakers",
        help_text="Empty: all agents are counted, and stopped, together",
    )
    actions = models.JSONField(default=list, blank=True, help_text="The class of action; empty for every action")
    window_seconds = models.PositiveIntegerField("window", default=600, help_text="Seconds that are looked back")
    min_calls = models.PositiveIntegerField("least calls", default=10, help_text="Fewer in the window say nothing")
    ratio = models.FloatField("share", default=0.0, help_text="Trips at this share of bad calls: 0.5 is half of them")
    amount = models.PositiveBigIntegerField(
        default=0, help_text="For spend: trips above, in millionths of the currency"
    )
    currency = models.CharField(max_length=3, blank=True, help_text="For spend: like USD")
    open_seconds = models.PositiveIntegerField(
        "open for", default=300, help_text="Seconds until probes are let through"
    )
    probes = models.PositiveIntegerField(default=3, help_text="How many are let through to try it out")
    reason = models.CharField(max_length=200, blank=True, help_text="Told to whoever is stopped by it")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", help_text="Whom to ask about it")
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "circuit breaker"
        verbose_name_plural = "circuit breakers"
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="breaker_once")]

    def __str__(self) -> str:
        return self.name


class BreakerState(models.Model):
    """How one breaker stands. `opened_at` is empty while it is closed; open or half-open, the clock and policy tell.

    Written by `governance.services.breakers` alone. `calls` and `bad` are what the last look counted from
    `counted_since` on; `policy_version` is the digest of the policy under which it opened.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    opened_at = models.DateTimeField(null=True)
    half_opened_at = models.DateTimeField(null=True, help_text="When the sweep saw it half-open")
    closed_at = models.DateTimeField(null=True)
    why = models.TextField(blank=True, help_text="The figures that opened it")
    policy_version = models.CharField(max_length=71, blank=True)
    calls = models.PositiveIntegerField(default=0)
    bad = models.PositiveBigIntegerField(default=0)
    counted_since = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="breaker_state_once")]
        indexes = [
            models.Index(fields=["workspace"], name="breaker_not_closed", condition=models.Q(opened_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name
