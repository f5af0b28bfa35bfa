"""RequestBatch: up to 500 requests proposed as one manifest (APR-06)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models import Agent, Workspace


class RequestBatch(models.Model):
    """`manifest_digest` is the sha256 over the ordered fingerprints of its items."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="batches")
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=71)
    manifest_digest = models.CharField(max_length=71)
    items_count = models.PositiveSmallIntegerField()
    refusals = models.JSONField(default=list, help_text="[position, code, message] of items that became no request")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "idempotency_key"], name="batch_idempotency")]

    def __str__(self) -> str:
        return str(self.id)
