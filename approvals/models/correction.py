"""Correction: what a reviewer changed of a proposal before agreeing (APR-12)."""

from django.db import models

from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import Person


class Correction(models.Model):
    """One edit. `proposed` is the request's decision, patch and digest as they were before it; `fields` hold other
    values since, `left_out` are not written any more. The newest one's `digest` is the request's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="corrections")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    proposed = models.JSONField()
    digest = models.CharField(max_length=71)
    fields = models.JSONField()
    left_out = models.JSONField()
    reason = models.CharField(max_length=2_000, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"correction of {self.request_id}"
