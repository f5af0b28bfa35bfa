"""Vote: one person's word on one digest (APR-04)."""

from django.db import models
from django.db.models import Q

from approvals.models.request import AgentActionRequest
from approvals.models.standing import StandingApproval
from audit.domain.identifier import new_id
from governance.models import Person


class Vote(models.Model):
    """`digest` is the patch that the person saw. A vote on another digest than the request's counts for nothing.

    One of their own; beside it what their standing approvals cast, which may end before they vote.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="votes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="votes")
    user_id_seen = models.CharField(max_length=40, help_text="The login that was used")
    digest = models.CharField(max_length=71)
    verdict = models.CharField(max_length=10, choices=[("approve", "approve"), ("deny", "deny")])
    reason = models.TextField(blank=True)
    standing = models.ForeignKey(
        StandingApproval, on_delete=models.PROTECT, null=True, related_name="votes", help_text="Cast by it beforehand"
    )
    seats = models.JSONField(
        default=list, help_text="In which groups it was cast, through which backup group and in whose place"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "person", "digest"], condition=Q(standing__isnull=True), name="vote_once"
            ),
            models.UniqueConstraint(
                fields=["request", "standing", "digest"],
                condition=Q(standing__isnull=False),
                name="vote_once_by_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.request_id}"
