"""ReportIssue: a report of one period that people were told of, once (REP-02)."""

from django.db import models

from governance.models import Workspace


class ReportIssue(models.Model):
    """`period` is the report's own name of it: `2026-W47`, `2026-11`. Written with the notifications it stands for."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    period = models.CharField(max_length=10)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "period"], name="report_issued_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.period}"
