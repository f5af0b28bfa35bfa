"""Proposing a higher autonomy level: another person makes it so (PRM-08)."""

from datetime import datetime
from uuid import UUID

from governance.models import Agent
from governance.services.change_proposals import propose_change


def propose_autonomy(*, agent_id: UUID, level: str, reason: str, person_id: UUID, user_id: int, now: datetime) -> UUID:
    """Put a higher level before a second person; returns the proposal's id.

    Raises as `propose_change`; ChangeRefusedError names every control that the level requires and that is missing.
    """
    agent = Agent.objects.get(pk=agent_id)
    return propose_change(
        workspace_id=agent.workspace_id,
        kind="agent.autonomy",
        payload={"agent": str(agent.pk), "name": agent.name, "from": agent.autonomy_level, "to": level},
        subject=f"Raise {agent.name} to {level.replace('_', ' ')}",
        reason=reason,
        person_id=person_id,
        user_id=user_id,
        now=now,
    )
