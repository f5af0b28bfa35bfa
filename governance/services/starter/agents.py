"""The starter's tiers and agents with their grants."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from governance.domain.starter.agents import DRILL_AGENT, STARTER_AGENTS, STARTER_TIERS, StarterAgent
from governance.domain.vocabulary import AutonomyLevel, Lifecycle
from governance.models import ActionTier, Agent, ApproverGroup, Connection, Grant, Person
from governance.services.config_changes import record_config_change
from governance.services.starter.people import SEED


def load_agents(*, connection_id: UUID, now: datetime) -> dict[str, int]:
    """Add missing tiers and agents; an agent that is there keeps its grants as they are. Returns how many.

    Commits once.
    """
    counts = {"tiers": 0, "agents": 0, "grants": 0}
    with transaction.atomic():
        connection = Connection.objects.select_related("workspace").get(pk=connection_id)
        counts["tiers"] = _load_tiers(connection, now)
        for starter in (*STARTER_AGENTS, DRILL_AGENT):
            if not Agent.objects.filter(name=starter.name).exists():
                _load_agent(connection, starter, now)
                counts["agents"] += 1
                counts["grants"] += len(starter.grants)
    return counts


def _load_tiers(connection: Connection, now: datetime) -> int:
    groups = {group.slug: group for group in ApproverGroup.objects.filter(workspace=connection.workspace)}
    count = 0
    for starter in STARTER_TIERS:
        tier, is_new = ActionTier.objects.get_or_create(
            workspace=connection.workspace,
            action=starter.action,
            defaults={
                "risk_tier": starter.risk_tier,
                "approvals_needed": starter.approvals_needed,
                "min_confidence": starter.min_confidence,
                "min_evidence": starter.min_evidence,
                "expires_after_seconds": starter.expires_after_seconds,
                "hold_seconds": starter.hold_seconds,
                "max_rows": starter.max_rows,
            },
        )
        if is_new:
            tier.approver_groups.set([groups[slug] for slug in starter.groups if slug in groups])
            record_config_change(
                workspace_id=connection.workspace_id,
                row=tier,
                operation="created",
                fields=["approver_groups", "risk_tier"],
                actor=SEED,
                now=now,
            )
            count += 1
    return count


def _load_agent(connection: Connection, starter: StarterAgent, now: datetime) -> None:
    agent = Agent.objects.create(
        workspace=connection.workspace,
        name=starter.name,
        owner=Person.objects.get(email=starter.owner),
        purpose=starter.purpose,
        is_drill=starter.is_drill,
        lifecycle=Lifecycle.ACTIVE,
        autonomy_level=AutonomyLevel.WITH_APPROVAL,
    )
    for grant in starter.grants:
        Grant.objects.create(
            agent=agent,
            connection=connection,
            object_type=grant.object,
            action=grant.action,
            read_fields=list(grant.read_fields),
            write_fields=list(grant.write_fields),
        )
    record_config_change(
        workspace_id=connection.workspace_id,
        row=agent,
        operation="created",
        fields=["autonomy_level", "grants", "lifecycle", "owner", "purpose"],
        actor=SEED,
        now=now,
    )
