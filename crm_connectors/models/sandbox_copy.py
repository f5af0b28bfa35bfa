"""SandboxCopy: chosen records of a connection on their way into a sandbox, masked. The row is the job (SBX-02)."""

from django.db import models
from django.db.models import F, Q

from audit.domain.identifier import new_id
from governance.models import Connection, Person

OPEN = ("waiting", "working")
TARGET_KIND = "embedded"
"""The only kind of connection that takes copies."""


class SandboxCopy(models.Model):
    """`record_ids` or `filters` say which records; both are emptied when it ends, so that nothing here tells who was
    copied. `after` is how far it came: an id of the source, or how many of `record_ids`. No map from a copy back to its
    original is kept anywhere."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", db_index=False)
    target = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", db_index=False)
    object_type = models.CharField(max_length=60)
    record_ids = models.JSONField(default=list)
    filters = models.JSONField(default=dict)
    most = models.PositiveIntegerField()
    after = models.CharField(max_length=120, blank=True)
    seen_count = models.PositiveIntegerField(default=0)
    copied_count = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, default="waiting")
    problem_code = models.CharField(max_length=60, blank=True)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    not_before = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "sandbox copies"
        indexes = [models.Index(fields=["not_before"], condition=Q(state__in=OPEN), name="sandbox_copy_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[*OPEN, "done", "failed", "stopped"]), name="sandbox_copy_state"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="sandbox_copy_of_another"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN) | Q(record_ids=[], filters={}), name="sandbox_copy_forgets_whom"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_type}: {self.state}"
