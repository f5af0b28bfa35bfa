"""BatchDecision: one person's word on up to fifty requests, each voted on by itself (APR-06)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models import Person, Workspace


class BatchDecision(models.Model):
    """`manifest` is the ordered list of request id and digest seen, `taken_out` what was shown and left out, `outcomes`
    what became of each in the manifest's order, as far as it was gone through. `key` is the sha256 over the page's
    one-time key and the manifest: sent twice it is one decision.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    user_id_seen = models.CharField(max_length=40, help_text="The login that was used")
    key = models.CharField(max_length=71)
    verdict = models.CharField(max_length=10, choices=[("approve", "approve"), ("deny", "deny")])
    reason = models.TextField(blank=True)
    manifest = models.JSONField()
    manifest_digest = models.CharField(max_length=71)
    taken_out = models.JSONField(default=list)
    outcomes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="batch_decision_once")]

    def __str__(self) -> str:
        return f"{self.verdict} {len(self.manifest)}"
