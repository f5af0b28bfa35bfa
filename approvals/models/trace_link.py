"""TraceLink: a link to one request's trace for somebody outside, for a while (AUD-03)."""

from django.db import models

from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import Person


class TraceLink(models.Model):
    """`secret` is the sha256 (hex) of what the link ends with: the link itself is shown once and kept nowhere.

    Opens until `expires_at` or `revoked_at`, whatever comes first, and while whoever made it may read the ledger.
    `openings` counts them all; `untold` are those since `told_at` that no ledger event counts yet.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="trace_links")
    secret = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=120)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    openings = models.PositiveIntegerField(default=0)
    untold = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("made_at")), name="trace_link_expires")
        ]

    def __str__(self) -> str:
        return self.note
