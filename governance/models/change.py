"""ChangeProposal: a change that takes two people, and what each of them said about it (KIL-03, PRM-08, PRM-10)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.domain.change_status import ChangeStatus, ChangeVerdict
from governance.models.people import Person, User
from governance.models.workspace import Workspace

_ENDED_BY_ANOTHER = (ChangeStatus.APPLIED, ChangeStatus.REJECTED)


class ChangeProposal(models.Model):
    """One proposed change. What was proposed never changes (a trigger); `status` leaves `waiting` once.

    `payload` says what is to be done, in the words of its kind; `digest` is the sha256 of everything that is
    countersigned.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="change_proposals")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    payload = models.JSONField()
    digest = models.CharField(max_length=71)
    reason = models.TextField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="proposed_changes")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    status = models.CharField(
        max_length=20, choices=[(item.value, item.value) for item in ChangeStatus], default=ChangeStatus.WAITING
    )
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "two-person change"
        indexes = [models.Index(fields=["workspace", "status", "created_at"], name="change_by_status")]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "subject"],
                condition=models.Q(status=ChangeStatus.WAITING),
                name="change_waiting_once",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="change_has_a_reason"),
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("created_at")), name="change_expires"),
            models.CheckConstraint(
                condition=models.Q(status=ChangeStatus.WAITING, ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(status=ChangeStatus.EXPIRED, ended_at__isnull=False, ended_by__isnull=True)
                | models.Q(status=ChangeStatus.WITHDRAWN, ended_at__isnull=False, ended_by__isnull=False)
                | models.Q(status__in=_ENDED_BY_ANOTHER, ended_at__isnull=False, ended_by__isnull=False),
                name="change_ended_by_someone",
            ),
            # INVARIANT: nobody countersigns their own change, with whatever account.
            models.CheckConstraint(
                condition=~models.Q(status__in=_ENDED_BY_ANOTHER) | ~models.Q(ended_by=models.F("proposed_by")),
                name="change_takes_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class ChangeDecision(models.Model):
    """One person's word on one proposal. Rows are appended, never changed (a trigger)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    proposal = models.ForeignKey(ChangeProposal, on_delete=models.PROTECT, related_name="decisions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=20, choices=[(item.value, item.value) for item in ChangeVerdict])
    digest = models.CharField(max_length=71)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="change_decided_once_by_each"),
            models.CheckConstraint(
                condition=models.Q(verdict=ChangeVerdict.COUNTERSIGN) | ~models.Q(reason=""),
                name="change_refusal_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.verdict
