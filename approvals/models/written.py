"""WrittenField: one value that an agent wrote, watched until it is known what became of it (silent rejections)."""

from django.db import models
from django.db.models import Q

from approvals.domain.overwriting import Fate
from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import Agent, Connection, Workspace


class WrittenField(models.Model):
    """Judged once: `fate` and `fate_at` are empty while `next_look_at` says when to look. No value is kept here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", db_index=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="written_fields")
    object_type = models.CharField(max_length=60)
    record_id = models.CharField(max_length=120)
    field = models.CharField(max_length=120)
    written_at = models.DateTimeField()
    next_look_at = models.DateTimeField()
    fate = models.CharField(max_length=12, blank=True, choices=[(item.value, item.value) for item in Fate])
    fate_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "field"], name="written_field_once")]
        indexes = [
            models.Index(fields=["next_look_at"], name="written_field_due", condition=Q(fate="")),
            models.Index(fields=["workspace", "written_at"], name="written_field_by_time"),
            models.Index(fields=["connection", "record_id"], name="written_field_watched", condition=Q(fate="")),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.record_id} {self.field}"
