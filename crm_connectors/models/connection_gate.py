"""ConnectionGate: what all processes know of how a connection's CRM is doing (F28, F40)."""

from django.db import models

from governance.models import Connection


class ConnectionGate(models.Model):
    """One row per connection, made by the first call that has something to say.

    `state` `open`: nothing goes through until `opens_next_at`, when one call may try (`half_open`, and a new
    `opens_next_at` by which that call has told how it went); None: until a new secret is set or a person closes it.
    `window_slots` calls of the second `window` (seconds since 1970) were given out to processes."""

    connection = models.OneToOneField(Connection, on_delete=models.PROTECT, related_name="gate", primary_key=True)
    state = models.CharField(
        max_length=9, default="closed", choices=[(name, name) for name in ("closed", "open", "half_open")]
    )
    reason = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=300, blank=True)
    failures_count = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    opens_next_at = models.DateTimeField(null=True)
    pauses_count = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    window = models.BigIntegerField(default=0)
    window_slots = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["closed", "open", "half_open"]), name="connection_gate_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"gate of {self.connection_id}: {self.state}"
