"""PolicyBacktest: a draft replayed against real decisions (POL-06). The row is the job."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models.people import Person
from governance.models.workspace import Workspace


class PolicyBacktest(models.Model):
    """`document` is what is asked, `digest` its sha256; `bases` is environment → digest of what was in force there.

    `cursor` is the last request looked at and `tally` what was counted so far, so that any worker goes on where the
    last one stopped. `result_digest` is the sha256 of the canonical `result`, and stands in the ledger too.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="backtests", db_index=False)
    digest = models.CharField(max_length=71)
    document = models.BinaryField()
    bases = models.JSONField()
    days = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")
    cursor = models.UUIDField(null=True)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    tally = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    result_digest = models.CharField(max_length=71, blank=True)
    error = models.CharField(max_length=200, blank=True)
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    taken_until = models.DateTimeField(null=True, help_text="A worker has it until then")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "digest", "-created_at"], name="backtest_of_document"),
            models.Index(
                fields=["created_at"],
                name="backtest_due",
                condition=models.Q(state__in=["waiting", "running"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "cancelled", "failed"]),
                name="backtest_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days} days"
