"""Grant: agent × connection × environment × object × action × fields, read and write apart (PRM-02/03/06)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.domain.vocabulary import Action
from governance.models.agent import Agent
from governance.models.connection import Connection


class Grant(models.Model):
    """The environment is the connection's: sandbox and production are different connections.

    `is_withdrawn` bites at once, without publishing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="grants")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="grants")
    object_type = models.CharField(max_length=60)
    action = models.CharField(max_length=30, choices=[(item.value, item.value) for item in Action])
    read_fields = models.JSONField(default=list, blank=True)
    write_fields = models.JSONField(default=list, blank=True)
    is_withdrawn = models.BooleanField(default=False)
    history = HistoricalRecords()

    OWN_WAY = frozenset({"is_withdrawn"})  # given back by its service alone, never by a revert

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "connection", "object_type", "action"], name="grant_once")
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type}"
