"""BulkRevert: many requests taken back together. The row is the job, from its dry run to its end (RVT-02)."""

from django.conf import settings
from django.db import models

from approvals.domain.bulk_revert import BulkState, Finding, Result
from approvals.models.kept_json import KeptJsonField
from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import ChangeProposal, Connection, Person, Workspace

DUE_STATES = tuple(
    state.value for state in (BulkState.PLANNING, BulkState.COUNTERSIGNING, BulkState.RUNNING, BulkState.STOPPING)
)
"""A worker has something to do."""


class BulkRevert(models.Model):
    """`choice` is what was chosen; `digest` the sha256 of the whole dry run, which is what a start names and a second
    person countersigns. `cursor` is how far the collecting came, `looked` how many items were classed.

    `taken_until` says until when a worker has it, `not_before` when the next one looks. `note` says in words what
    keeps it, empty while nothing does. `release` is the two-person change that lets it pass the stops that it names.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    choice = models.JSONField()
    state = models.CharField(max_length=16, default=BulkState.PLANNING)
    cursor = models.JSONField(default=list, help_text="Execution time and id of the last request collected")
    is_collected = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0)
    looked = models.PositiveIntegerField(default=0)
    taken_up = models.PositiveIntegerField(default=0, help_text="Items that a start takes back")
    counts = models.JSONField(default=dict, help_text="Items by finding, and those that wait for an approval each")
    digest = models.CharField(max_length=71, blank=True)
    reason = models.TextField(blank=True)
    note = models.CharField(max_length=300, blank=True)
    planned_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    proposal = models.ForeignKey(ChangeProposal, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    release = models.ForeignKey(ChangeProposal, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    planned_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    taken_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "bulk revert"
        indexes = [
            models.Index(fields=["workspace", "-id"], name="bulk_revert_of_workspace"),
            models.Index(
                fields=["created_at"],
                name="bulk_revert_due",
                condition=models.Q(state__in=DUE_STATES),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in BulkState]), name="bulk_revert_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.total}"


class BulkRevertItem(models.Model):
    """One request of a bulk revert, at its place in reverse order of execution. `fields` are its findings, `revert` the
    request that takes it back, once a start has made it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bulk_revert = models.ForeignKey(BulkRevert, on_delete=models.PROTECT, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="+", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", db_index=False)
    object_type = models.CharField(max_length=60)
    record_id = models.CharField(max_length=120)
    finding = models.CharField(max_length=14, blank=True)
    code = models.CharField(max_length=60, blank=True, help_text="Why, where the finding or the result has a code")
    needs_person = models.BooleanField(default=False)
    fields = KeptJsonField(default=list)
    revert = models.ForeignKey(
        AgentActionRequest, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    result = models.CharField(max_length=10, blank=True)

    class Meta:
        verbose_name = "item of a bulk revert"
        constraints = [
            models.UniqueConstraint(fields=["bulk_revert", "position"], name="bulk_item_position"),
            models.UniqueConstraint(fields=["bulk_revert", "request"], name="bulk_item_once"),
            models.CheckConstraint(
                condition=models.Q(finding__in=["", *(item.value for item in Finding)]), name="bulk_item_finding"
            ),
            models.CheckConstraint(
                condition=models.Q(result__in=["", *(item.value for item in Result)]), name="bulk_item_result"
            ),
        ]
        indexes = [
            models.Index(fields=["bulk_revert", "finding", "position"], name="bulk_item_by_finding"),
            models.Index(fields=["bulk_revert", "result", "position"], name="bulk_item_by_result"),
            models.Index(fields=["revert"], name="bulk_item_of_revert", condition=models.Q(revert__isnull=False)),
            models.Index(
                fields=["bulk_revert", "connection", "object_type", "record_id", "position"], name="bulk_item_of_record"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.finding}"
