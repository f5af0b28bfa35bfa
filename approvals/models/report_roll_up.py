"""ReportRollUp: what a week's finished days come to, so that its report need not add up tallies (REP-01)."""

from django.db import models
from django.db.models import F, Q

from governance.models import Workspace


class ReportRollUp(models.Model):
    """From Monday to the day `through`. `sums` and `days` are of `approvals.domain.week_sums`.

    Nothing but a short cut: the tallies have the same numbers, and a day that no roll-up reaches is read from them.
    Made by `roll_up_reports`; what is counted later for a day within it is added by the follower that counts it.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    monday = models.DateField()
    through = models.DateField()
    sums = models.JSONField()
    days = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "monday"], name="report_roll_up"),
            models.CheckConstraint(condition=Q(through__gte=F("monday")), name="report_roll_up_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.monday} – {self.through}"
