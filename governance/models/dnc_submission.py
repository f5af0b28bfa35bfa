"""DncSubmission: what an integration sent under an idempotency key, so that it adds one entry however often sent."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models.dnc import DncEntry
from governance.models.integration import Integration


class DncSubmission(models.Model):
    """`fingerprint` is a sha256 over the whole body. Written with the entry, never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    integration = models.ForeignKey(
        Integration, on_delete=models.PROTECT, related_name="dnc_submissions", db_index=False
    )
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=71)
    entry = models.ForeignKey(DncEntry, on_delete=models.PROTECT, related_name="submissions", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "idempotency_key"], name="dnc_submission_once"),
        ]

    def __str__(self) -> str:
        return self.idempotency_key
