"""SchemaSync: somebody asked for the CRM's schema to be read again. The row is the job (REG-01)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models.connection import Connection
from governance.models.people import Person

OPEN = ("waiting", "asking", "comparing")


class SchemaSync(models.Model):
    """`state` goes waiting → asking (the CRM) → comparing → done or failed. `counts` is what the sync changed.

    `problem_code` is the connector's own code where it failed; at most one of a connection is under way.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="schema_syncs", db_index=False)
    state = models.CharField(max_length=10, default="waiting")
    counts = models.JSONField(default=dict)
    problem_code = models.CharField(max_length=60, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    taken_until = models.DateTimeField(null=True, help_text="A worker has it until then")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "schema review"
        indexes = [models.Index(fields=["connection", "-created_at"], name="schema_sync_newest")]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=[*OPEN, "done", "failed"]), name="schema_sync_state"),
            models.UniqueConstraint(
                fields=["connection"], condition=models.Q(state__in=OPEN), name="schema_sync_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.state
