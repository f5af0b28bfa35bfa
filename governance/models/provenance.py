"""ProvenanceFields: which fields of an object say what an agent last did to the record (REG-07)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.models.connection import Connection


class ProvenanceFields(models.Model):
    """Filled with each agent write to the object. An empty name is not written."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="provenance")
    object_type = models.CharField(max_length=60)
    at_field = models.CharField("when", max_length=120, blank=True, help_text="A time: when the agent asked")
    source_field = models.CharField("source", max_length=120, blank=True, help_text="Where its evidence comes from")
    confidence_field = models.CharField("confidence", max_length=120, blank=True, help_text="A number from 0 to 1")
    reason_field = models.CharField("reason", max_length=120, blank=True, help_text="The agent's justification")
    agent_field = models.CharField("agent", max_length=120, blank=True, help_text="The agent's name")
    request_field = models.CharField("request", max_length=120, blank=True, help_text="The request's id")
    trace_address = models.CharField(
        max_length=200, blank=True, help_text="Put before the id, like https://countersign.example/requests/"
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "provenance fields"
        constraints = [models.UniqueConstraint(fields=["connection", "object_type"], name="provenance_once")]

    def __str__(self) -> str:
        return f"provenance of {self.object_type}"
