"""StandIn: who votes in an absent person's place, in one approver group, from when until when (APR-05)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.domain.identifier import new_id
from governance.models.people import ApproverGroup, Person


class StandIn(models.Model):
    """In force from `starts_at` to `ends_at` unless revoked; asked at the vote and again at the claim.

    One row is one seat: a person away from two groups has two. `ended_at` says that its end has been recorded.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(ApproverGroup, on_delete=models.PROTECT, related_name="stand_ins")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stand_ins", help_text="Who is away")
    stand_in = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="stands_in_for", help_text="Who votes in their place"
    )
    reason = models.CharField(max_length=200, blank=True)
    named_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "stand-in"
        verbose_name_plural = "stand-ins"
        indexes = [
            models.Index(
                fields=["ends_at"],
                name="stand_in_open",
                condition=models.Q(revoked_at__isnull=True, ended_at__isnull=True),
            )
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="stand_in_ends"),
            models.CheckConstraint(condition=~models.Q(person=models.F("stand_in")), name="stand_in_is_another"),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="stand_in_revoked_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"stand-in {self.pk}"
