"""PolicyRelease: which version is in force in which environment, and since when (POL-03, SBX-03)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.domain.vocabulary import Environment
from governance.models.people import Person
from governance.models.policy import PolicyVersion
from governance.models.workspace import Workspace


class PolicyRelease(models.Model):
    """Appended, never changed (a trigger). The newest number of a workspace and environment is in force there.

    `countersigned_by` is the second person where one was needed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="policy_releases", db_index=False)
    environment = models.CharField(max_length=20, choices=[(item.value, item.value) for item in Environment])
    number = models.PositiveIntegerField()
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="releases")
    released_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    countersigned_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "environment", "number"], name="policy_release_number"),
            models.CheckConstraint(
                condition=models.Q(countersigned_by__isnull=True) | ~models.Q(countersigned_by=models.F("released_by")),
                name="policy_release_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.environment} {self.number}"
