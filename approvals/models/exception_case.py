"""ExceptionCase: one cause for which agents' actions went wrong, however often; with a sample of the requests."""

from django.db import models
from django.db.models import Q

from approvals.domain.exception_case import CaseKind, CaseOutcome, CaseState
from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import Agent, Person, Workspace


class ExceptionCase(models.Model):
    """Like ones are counted on the open case with the same `key`; after it is closed the next opens a new one.

    Opened by `approvals.services.exceptions` and moved by `approvals.services.exception_desk` alone. `due_at` is the
    end of the clock that runs now: that of the review until somebody took it up, then that of the remediation.
    `alarm_at` is the same until the alarm was raised, then empty. `change_kind` and `change_id` name the change that
    the outcome speaks of.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=[(item.value, item.value) for item in CaseKind])
    key = models.CharField(max_length=71)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    code = models.CharField(max_length=60, blank=True)
    field = models.CharField(max_length=120, blank=True)
    object_type = models.CharField(max_length=60, blank=True)
    subject = models.CharField(max_length=120, blank=True, help_text="The one request, breaker or report it is about")
    count = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    state = models.CharField(
        max_length=8, default=CaseState.OPEN, choices=[(item.value, item.value) for item in CaseState]
    )
    opened_at = models.DateTimeField()
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reviewed_at = models.DateTimeField(null=True)
    review_due_at = models.DateTimeField()
    remediation_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    alarm_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)

    outcome = models.CharField(max_length=20, blank=True, choices=[(item.value, item.value) for item in CaseOutcome])
    change_kind = models.CharField(max_length=20, blank=True)
    change_id = models.CharField(max_length=40, blank=True)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="duplicates", db_index=False
    )
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], condition=Q(state="open"), name="case_open_once"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | Q(state="closed", closed_at__isnull=False),
                name="case_closed_at",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "due_at", "id"], name="case_due", condition=Q(state="open")),
            models.Index(fields=["workspace", "owner", "due_at", "id"], name="case_owned", condition=Q(state="open")),
            models.Index(fields=["workspace", "key", "-id"], name="case_by_key"),
            models.Index(fields=["workspace", "-id"], name="case_closed", condition=Q(state="closed")),
            models.Index(fields=["alarm_at"], name="case_alarm", condition=Q(alarm_at__isnull=False)),
            models.Index(fields=["subject"], name="case_subject", condition=~Q(subject="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.field}".strip()


class CaseRequest(models.Model):
    """One request behind a case: the first few and the newest are kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(ExceptionCase, on_delete=models.CASCADE, related_name="links", db_index=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="cases")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "request"], name="case_request_once")]

    def __str__(self) -> str:
        return f"{self.request_id} in {self.case_id}"
