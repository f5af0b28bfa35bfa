"""ShadowRun: a draft judged beside the live policy on live traffic; nothing of it is enforced (POL-06)."""

from django.db import models

from audit.domain.identifier import new_id
from governance.models.people import Person
from governance.models.workspace import Workspace


class ShadowRun(models.Model):
    """`cursor` is the last request judged, None before the first; at most one run of a workspace goes on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="shadow_runs", db_index=False)
    digest = models.CharField(max_length=71)
    document = models.BinaryField()
    cursor = models.UUIDField(null=True)
    judged = models.PositiveIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    started_at = models.DateTimeField()
    stopped_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    stopped_at = models.DateTimeField(null=True)
    taken_until = models.DateTimeField(null=True, help_text="A worker has it until then")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(stopped_at__isnull=True), name="shadow_run_one_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["workspace", "-started_at"], name="shadow_run_newest")]

    def __str__(self) -> str:
        return self.digest


class ShadowDifference(models.Model):
    """One request that the draft would have decided otherwise. `live` and `draft`: outcome, reason codes, patch."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(ShadowRun, on_delete=models.PROTECT, related_name="differences", db_index=False)
    request_id = models.UUIDField()
    agent = models.CharField(max_length=60)
    about = models.CharField(max_length=200)
    change = models.CharField(max_length=20)
    live = models.JSONField()
    draft = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "request_id"], name="shadow_difference_once")]

    def __str__(self) -> str:
        return self.about
