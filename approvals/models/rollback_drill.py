"""RollbackDrill: one agent's write in a sandbox, verified, taken back, verified (RVT-06). The row is the job."""

from django.conf import settings
from django.db import models

from approvals.domain.rollback_drill import OPEN_STATES, DrillState
from approvals.models.request import AgentActionRequest
from audit.domain.identifier import new_id
from governance.models import Agent, Connection, Credential, Person, Workspace


class RollbackDrill(models.Model):
    """`person` is who takes the write back, by the login `user`; `body` the proposal, kept before it is made, so that a
    second worker makes the very same. `code` says why it failed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="rollback_drills", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=10, default=DrillState.STARTING)
    code = models.CharField(max_length=60, blank=True)
    body = models.JSONField(default=dict)
    request = models.ForeignKey(
        AgentActionRequest, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    revert = models.ForeignKey(
        AgentActionRequest, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "rollback drill"
        indexes = [models.Index(fields=["workspace", "-id"], name="rollback_drill_of_workspace")]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=models.Q(state__in=OPEN_STATES), name="rollback_drill_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in DrillState]), name="rollback_drill_state"
            ),
        ]

    def __str__(self) -> str:
        return self.state


class RollbackSchedule(models.Model):
    """That every agent of a workspace is drilled every so many days, and by whose right what is written is taken back.
    Without a row nothing is scheduled."""

    workspace = models.OneToOneField(Workspace, on_delete=models.PROTECT, primary_key=True, related_name="+")
    every_days = models.PositiveSmallIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    next_at = models.DateTimeField()

    class Meta:
        verbose_name = "schedule of rollback drills"

    def __str__(self) -> str:
        return f"every {self.every_days} days"
