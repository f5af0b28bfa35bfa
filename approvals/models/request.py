"""AgentActionRequest: one action on one target, from proposal to outcome (APR-01)."""

from django.db import models

from approvals.domain.canary import CANARY
from approvals.domain.put_away import PUT_AWAY
from approvals.domain.status import Status
from approvals.models.batch import RequestBatch
from approvals.models.kept_json import KeptJsonField
from audit.domain.identifier import new_id
from governance.models import Agent, AgentVersion, Connection, Credential, Person, PolicyVersion, Workspace


class AgentActionRequest(models.Model):
    """The row is the job: `status` and `not_before` say what is due.

    Written by `approvals.services.transition.advance` alone where `status` is concerned. `body` is the accepted
    proposal (canonical JSON), `fingerprint` the sha256 of it; `patch`, `digest`, `decision` come from the engine.
    `actor_type` is agent, human or canary: one that we made in the agent's name, and that must be denied.
    `object_type` and `record_id` are what is written (the id is empty when a record is made).
    `epoch` is the fencing token: every claim takes the next one, and a trigger lets it never fall. Foreign keys have no
    index of their own: each would be written with every proposal, and what is searched by has a better one below.

    Six have no constraint in the database either, for PostgreSQL locks and writes the row behind each with every
    proposal: connections, credentials, agent versions and policy versions refuse to be deleted, an agent stays while it
    has the credential and the version, and a workspace while it has the connection, whose constraints do stand.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    actor_type = models.CharField(max_length=10)
    agent = models.ForeignKey(
        Agent, on_delete=models.PROTECT, null=True, related_name="requests", db_index=False, db_constraint=False
    )
    agent_version = models.ForeignKey(
        AgentVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    credential = models.ForeignKey(
        Credential, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    batch = models.ForeignKey(
        RequestBatch, on_delete=models.PROTECT, null=True, related_name="requests", db_index=False
    )
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="reverts", db_index=False)

    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=71)
    correlation_id = models.CharField(max_length=120)
    action = models.CharField(max_length=30)
    object_type = models.CharField(max_length=60)
    record_id = models.CharField(max_length=120, blank=True)
    target_object = models.CharField(max_length=60, blank=True, default="", help_text="What the agent pointed at")
    target_id = models.CharField(max_length=120, blank=True)
    body = KeptJsonField()

    status = models.CharField(max_length=12, default=Status.EVALUATING)
    status_code = models.CharField(max_length=60, blank=True, help_text="Reason code of the status, like drift")
    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    outcome = models.CharField(max_length=20, blank=True)
    risk_tier = models.CharField(max_length=20, blank=True)
    facts = KeptJsonField(default=dict, help_text="All that the engine saw, for the second look and for replay")
    decision = KeptJsonField(default=dict)
    decided_by = models.CharField(max_length=120, blank=True, help_text="policy, or the person whose vote settled it")
    patch = KeptJsonField(default=list)
    digest = models.CharField(max_length=71, blank=True)
    record_version = models.CharField(max_length=120, blank=True)
    expires_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    holds = KeptJsonField(default=list, help_text="What it has taken from budgets: counter and amount")
    epoch = models.IntegerField(default=0)
    attempts_count = models.SmallIntegerField(default=0)

    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "idempotency_key"], name="request_idempotency"),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=models.Q(
                    reverses__isnull=False,
                    status__in=["evaluating", "pending", "approved", "held", "executing", "executed", "unknown"],
                ),
                name="request_one_live_revert",
            ),
            # INVARIANT: a canary is waited for, denied, late or put away; nothing of it is ever carried out.
            models.CheckConstraint(
                condition=~models.Q(actor_type=CANARY)
                | models.Q(status__in=[Status.PENDING, Status.DENIED, Status.EXPIRED, Status.CANCELLED]),
                name="request_canary_never_runs",
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "-id"], name="request_by_agent"),
            models.Index(fields=["workspace", "status", "-id"], name="request_by_status"),
            models.Index(
                fields=["not_before", "id"],
                name="request_due",
                condition=models.Q(status__in=["evaluating", "approved", "held", "unknown"]),
            ),
            models.Index(
                fields=["expires_at"],
                name="request_expiring",
                condition=models.Q(status__in=["pending", "approved"]),
            ),
            models.Index(
                fields=["agent"], name="request_waiting", condition=models.Q(status__in=["evaluating", "pending"])
            ),
            models.Index(fields=["id"], name="request_executing", condition=models.Q(status="executing")),
            models.Index(fields=["workspace", "correlation_id"], name="request_by_correlation"),
            models.Index(fields=["batch"], name="request_by_batch", condition=models.Q(batch__isnull=False)),
            models.Index(
                fields=["workspace", "-finished_at", "-id"],
                name="request_executed",
                condition=models.Q(status__in=["executed", "reverted"]),
            ),
            models.Index(
                fields=["workspace", "-finished_at", "-id"],
                name="request_put_away",
                condition=models.Q(status_code__in=PUT_AWAY),
            ),
            models.Index(fields=["reverses"], name="request_by_reverses", condition=models.Q(reverses__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.record_id}"
