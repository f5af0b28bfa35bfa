"""TrackRecord: what people made of an agent's last proposals for one field (APR-03)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models import Agent, Connection


class TrackRecord(models.Model):
    """One row for each agent, connection, object and field; `entries` are the last that people decided, newest first.

    Written by a follower of the ledger alone, so that no decision waits for it, and read whole: a page asks for a few
    rows whatever the agent has done before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", db_index=False)
    object_type = models.CharField(max_length=60)
    field = models.CharField(max_length=120)
    entries = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "connection", "object_type", "field"], name="track_record_once")
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} on {self.object_type}.{self.field}"
