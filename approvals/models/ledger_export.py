"""LedgerExport and ExportPlan: what a search found, as a file; made by a worker, piece by piece (AUD-04)."""

from django.conf import settings
from django.db import models

from audit.domain.identifier import new_id
from governance.models import Person, Workspace

FORMATS = [("csv", "CSV"), ("xlsx", "Excel"), ("jsonl", "JSON lines")]


class ExportPlan(models.Model):
    """The same export every day or week. `query` holds no address of a person, only its search term."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    query = models.JSONField()
    kind = models.CharField(max_length=5, choices=FORMATS)
    every_days = models.PositiveSmallIntegerField()
    next_at = models.DateTimeField(db_index=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(every_days__in=[1, 7]), name="export_plan_daily_or_weekly")
        ]

    def __str__(self) -> str:
        return f"every {self.every_days} days"


class LedgerExport(models.Model):
    """The row is the job. `cursor` is the last event written, `written_bytes` how long the collected file was then: a
    worker that died in between is cut off there. `taken_until` says until when a worker has it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    plan = models.ForeignKey(ExportPlan, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    query = models.JSONField()
    kind = models.CharField(max_length=5, choices=FORMATS)
    state = models.CharField(
        max_length=8, default="working", choices=[(name, name) for name in ("working", "done", "failed", "expired")]
    )
    cursor = models.UUIDField(null=True)
    rows_count = models.BigIntegerField(default=0)
    written_bytes = models.BigIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    taken_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="ledger_export_of_workspace"),
            models.Index(fields=["created_at"], name="ledger_export_due", condition=models.Q(state="working")),
            models.Index(fields=["expires_at"], name="ledger_export_expiring", condition=models.Q(state="done")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
