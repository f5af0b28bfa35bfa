"""PolicyVersion: one published, immutable, content-hashed policy document (POL-03)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models.people import Person
from governance.models.workspace import Workspace


class PolicyVersion(models.Model):
    """`document` is the canonical JSON (RFC 8785) whose sha256 is `digest`. The newest number is in force."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="policy_versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=71)
    document = models.BinaryField()
    published_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "versions"
        constraints = [models.UniqueConstraint(fields=["workspace", "number"], name="policy_version_number")]

    def __str__(self) -> str:
        return f"v{self.number}"
