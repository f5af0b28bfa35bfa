"""Canary: one request that must be denied, from the decision that drew it to what a person made of it (QAS-02)."""

from django.db import models
from django.db.models import Q

from approvals.domain.canary import CanaryOutcome, Pattern
from approvals.models.request import AgentActionRequest
from approvals.models.sampling import SamplingPeriod
from audit.domain.identifier import new_id
from governance.models import Person, Workspace


class Canary(models.Model):
    """Drawn by a person's decision (`drawn_from`), then planted as `request` on the record of an earlier one (`base`),
    or skipped with the code that says why. `field` is the patch's field with the bad value.

    `outcome` and `person` are who saw through it or did not; empty while it waits, and for one that expired.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    period = models.ForeignKey(SamplingPeriod, on_delete=models.PROTECT, related_name="canaries")
    drawn_from = models.OneToOneField(AgentActionRequest, on_delete=models.PROTECT, related_name="+")
    share = models.FloatField(help_text="Where its number fell, 0 to 1: below 1 / every it is drawn")
    drawn_at = models.DateTimeField()
    base = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    request = models.OneToOneField(AgentActionRequest, on_delete=models.PROTECT, null=True, related_name="canary")
    pattern = models.CharField(max_length=20, blank=True, choices=[(item.value, item.value) for item in Pattern])
    field = models.CharField(max_length=120, blank=True)
    skipped = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=6, blank=True, choices=[(item.value, item.value) for item in CanaryOutcome])
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "canaries"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", person=None, decided_at=None)
                | (~Q(outcome="") & Q(request__isnull=False, person__isnull=False, decided_at__isnull=False)),
                name="canary_decided_by_somebody",
            ),
            models.CheckConstraint(condition=Q(skipped="") | Q(request=None), name="canary_skipped_or_planted"),
        ]
        indexes = [
            models.Index(fields=["id"], name="canary_due", condition=Q(request=None, skipped="")),
            models.Index(fields=["workspace", "decided_at"], name="canary_decided", condition=~Q(outcome="")),
        ]

    def __str__(self) -> str:
        return f"canary {self.pattern}".strip()
