"""Incident: something went wrong badly enough to be told and learnt from (EXC-04)."""

from django.db import models
from django.db.models import F, Q

from approvals.domain.incident import CONTROL_WORDS, IncidentState, Severity
from approvals.models.exception_case import ExceptionCase
from audit.domain.identifier import new_id
from governance.models import Agent, Person, Workspace


class Incident(models.Model):
    """The window from `began_at` to `ended_at` (empty: until now) and the agent say how far it reached.

    `declared_by` is empty where the product declared it itself; `origin_key` then says what of, so that like news join
    the one that is open.

    Moved by `approvals.services.incidents` alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="incidents")
    title = models.CharField(max_length=200)
    severity = models.CharField(max_length=10, choices=[(item.value, item.value) for item in Severity])
    state = models.CharField(
        max_length=10, default=IncidentState.OPEN, choices=[(item.value, item.value) for item in IncidentState]
    )
    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, null=True, related_name="incidents")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    root_cause = models.TextField(blank=True)
    control = models.CharField(
        max_length=20, blank=True, choices=[(item.value, words) for item, words in CONTROL_WORDS.items()]
    )
    remedy = models.TextField(blank=True)
    declared_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    origin_key = models.CharField(max_length=120, blank=True)
    declared_at = models.DateTimeField()
    mitigated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="closed")
                | (Q(closed_at__isnull=False) & ~Q(root_cause="") & ~Q(control="") & ~Q(remedy="")),
                name="incident_closed_whole",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="incident_window"
            ),
            models.UniqueConstraint(
                fields=["workspace", "origin_key"],
                condition=~Q(origin_key="") & ~Q(state="closed"),
                name="incident_open_once",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "-id"], name="incident_newest")]

    def __str__(self) -> str:
        return self.title
