"""ReportTally: how many of an agent's requests of one day count as one measure (REP-01)."""

from django.db import models
from django.db.models import Q

from governance.models import Workspace


class ReportTally(models.Model):
    """Written by the follower of the ledger alone, and made anew by `rebuild_reports`.

    `day` is the one (UTC) on which the requests were received; for stops, the one on which they were made, and `agent`
    is the zero id. `detail` splits a measure further: by reason code, by `object.field`, by seconds until review.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    measure = models.CharField(max_length=40)
    agent_id = models.UUIDField()
    detail = models.CharField(max_length=200, blank=True)
    count = models.BigIntegerField()

    class Meta:
        # Today's rows lie together and are read on every visit of the report. The unique key begins with the workspace,
        # of which the planner learns nothing about where they lie; by this one it knows.
        indexes = [models.Index(fields=["day", "workspace"], name="report_tally_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "day", "measure", "agent_id", "detail"], name="report_tally"),
            models.CheckConstraint(condition=Q(count__gt=0), name="report_tally_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.measure} {self.detail}".strip()
