"""EscalationNote: why a reviewer handed a request on, for those who get it (APR-09)."""

from django.db import models

from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import Person


class EscalationNote(models.Model):
    """What one person wrote to the backups. Who may decide since stands in the review steps."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="escalation_notes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.CharField(max_length=2_000)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"note on {self.request_id}"
