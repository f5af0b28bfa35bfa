"""WebhookEndpoint and WebhookDelivery: where news goes, and each piece on its way (APR-13)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models import Agent, Person, Workspace


class WebhookEndpoint(models.Model):
    """An address outside. With an agent it hears of that agent's requests alone. `sealed_secret` signs; it is shown
    once and lies encrypted under a key made of SECRET_KEY. `events` are for programs, `messages` for Slack's likes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    style = models.CharField(max_length=8, choices=[("messages", "messages"), ("events", "events")])
    kinds = models.JSONField(default=list)
    sealed_secret = models.TextField()
    is_active = models.BooleanField(default=True)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "webhook"
        verbose_name_plural = "webhooks"
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="webhook_endpoint_name")]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One piece of news to one endpoint: the row is the job. `log` has a line for each attempt; the receiver knows a
    repetition by `id`, which every attempt names."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    body = models.TextField()
    state = models.CharField(
        max_length=9,
        default="waiting",
        choices=[(name, name) for name in ("waiting", "sending", "delivered", "failed", "dropped")],
    )
    not_before = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts_count = models.PositiveSmallIntegerField(default=0)
    log = models.JSONField(default=list)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [models.UniqueConstraint(fields=["endpoint", "kind", "key"], name="webhook_delivery_once")]
        indexes = [
            models.Index(
                fields=["not_before"],
                name="webhook_delivery_due",
                condition=models.Q(state__in=["waiting", "sending"]),
            ),
            models.Index(fields=["ended_at"], name="webhook_delivery_failed", condition=models.Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.endpoint_id}"
