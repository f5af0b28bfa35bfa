"""ReviewStep: what the clock of one pending request does next for one of its groups (APR-09)."""

from django.db import models

from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import ApproverGroup


class ReviewStep(models.Model):
    """The row is the job: due at `due_at`, done once. `outcome` says what came of it, empty while it waits.

    An escalation that is `done` lets the group's backup decide too. `cause` tells the clock's from a person's and from
    one because nobody else was left.
    """

    REMINDER, ESCALATION = "reminder", "escalation"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="review_steps")
    group = models.ForeignKey(ApproverGroup, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=[(REMINDER, "reminder"), (ESCALATION, "escalation")])
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True, choices=[("done", "done"), ("skipped", "skipped")])
    cause = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "group", "kind"], name="review_step_once"),
            models.CheckConstraint(
                condition=models.Q(outcome="", done_at__isnull=True)
                | (~models.Q(outcome="") & models.Q(done_at__isnull=False)),
                name="review_step_done_says_how",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="review_step_due",
                condition=models.Q(done_at__isnull=True, due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.request_id}"


class Stranded(models.Model):
    """A pending request that nobody may decide as things are: everyone left, or everyone is excluded (APR-05)."""

    request = models.OneToOneField(
        AgentActionRequest, on_delete=models.PROTECT, primary_key=True, related_name="stranded"
    )
    since = models.DateTimeField()
    checked_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"nobody may decide {self.request_id}"


class Reassessment(models.Model):
    """Who may approve has changed: the open requests of this workspace are to be looked at, from `after` on."""

    workspace = models.OneToOneField(
        "governance.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    after = models.UUIDField(null=True)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reassessment of {self.workspace_id}"
