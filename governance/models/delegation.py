"""Delegation: a person lets an agent act for them, in a scope, for a while (IDN-04)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.models.agent import Agent
from governance.models.connection import Connection
from governance.models.people import Person


class Delegation(models.Model):
    """In force from `created_at` to `expires_at` unless revoked; a fact of every decision that names the person.

    `actions` and `objects` are closed lists; without a connection it holds for every connection of the workspace.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="delegations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    actions = models.JSONField(default=list)
    objects_named = models.JSONField(default=list)
    reason = models.TextField()
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["agent", "person"], name="delegation_of_agent")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="delegation_has_a_reason"),
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("created_at")), name="delegation_ends"),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="delegation_revoked_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"delegation {self.pk}"
