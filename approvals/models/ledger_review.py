"""Weekly reviews of the ledger: ten records each, and what a person said of them (QAS-03)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models import Person, Workspace


class LedgerReview(models.Model):
    """One week of one workspace: the leaves start ≤ index < end, picked by the root of the checkpoint at `size`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="ledger_reviews")
    week = models.CharField(max_length=8, help_text="ISO week, like 2026-W07")
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    records_count = models.BigIntegerField(help_text="How many events the week had")
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "week"], name="ledger_review_week")]

    def __str__(self) -> str:
        return self.week


class LedgerReviewItem(models.Model):
    """One picked record. `verdict` is empty until a person says that it is in order, or what is not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(LedgerReview, on_delete=models.PROTECT, related_name="items")
    leaf_index = models.BigIntegerField()
    event_id = models.UUIDField()
    verdict = models.CharField(max_length=10, blank=True, choices=[("in_order", "in order"), ("wrong", "wrong")])
    note = models.CharField(max_length=2_000, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "leaf_index"], name="ledger_review_leaf")]

    def __str__(self) -> str:
        return f"leaf {self.leaf_index}"
