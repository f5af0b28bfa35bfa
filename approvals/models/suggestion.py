"""Suggestion: an agent's value in a suggestion field, until a person promotes or dismisses it (REG-06)."""

from django.db import models
from django.db.models import Q

from approvals.domain.suggestion import SuggestionState
from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import Agent, Connection, Person, Workspace


class Suggestion(models.Model):
    """One open row for each place at most. `request` wrote it, `promotion` is the last request that promotes it.

    `approver` approved the suggestion under a matrix row whose approval promotes; empty once that is tried.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+", db_index=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    request = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, related_name="suggestions")
    object_type = models.CharField(max_length=60)
    record_id = models.CharField(max_length=120)
    field = models.CharField(max_length=120)
    suggestion_field = models.CharField(max_length=120)
    value = models.JSONField()
    state = models.CharField(
        max_length=10,
        choices=[(item.value, item.value) for item in SuggestionState],
        default=SuggestionState.OPEN.value,
    )
    promotion = models.ForeignKey(AgentActionRequest, on_delete=models.PROTECT, null=True, related_name="promotes")
    approver = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    settled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=2_000, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "object_type", "record_id", "suggestion_field"],
                condition=Q(state=SuggestionState.OPEN.value),
                name="suggestion_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state=SuggestionState.OPEN.value, settled_at__isnull=True)
                | (~Q(state=SuggestionState.OPEN.value) & Q(settled_at__isnull=False)),
                name="suggestion_settled_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "id"], name="suggestion_open", condition=Q(state=SuggestionState.OPEN.value)
            ),
            models.Index(
                fields=["id"],
                name="suggestion_approved",
                condition=Q(state=SuggestionState.OPEN.value, approver__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"suggestion for {self.object_type} {self.record_id} {self.field}"
