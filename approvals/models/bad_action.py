"""BadActionReport: somebody says that an agent's action was bad (EXC-05)."""

from django.db import models

from approvals.domain.bad_action import REASON_WORDS
from approvals.models.exception_case import ExceptionCase
from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import Person, Workspace


class BadActionReport(models.Model):
    """One reporter's word on one request; the second of the same is the first. `reporter`: `human:ID`, `system:NAME`.

    What they wrote is an erasable value of the event `exception.reported`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="bad_action_reports")
    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="reports")
    reporter = models.CharField(max_length=120)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=20, choices=[(item.value, words) for item, words in REASON_WORDS.items()])
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "reporter"], name="bad_action_report_once")]
        indexes = [models.Index(fields=["workspace", "reporter", "-id"], name="bad_action_by_reporter")]

    def __str__(self) -> str:
        return f"{self.reporter} on {self.request_id}"
