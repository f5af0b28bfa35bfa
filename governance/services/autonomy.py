"""An agent's autonomy level: lowered by one person at once, raised by two (PRM-08)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor
from governance.domain.autonomy import LADDER, is_raise
from governance.models import Agent
from governance.selectors.access import ensure_may_for
from governance.services.config_changes import record_config_change


class AutonomyError(ValueError):
    """The level cannot be set like this. The words say why."""

    code = "autonomy_refused"


def lower_autonomy(*, agent_id: UUID, level: str, actor: Actor, user_id: int, now: datetime) -> None:
    """Take freedom from an agent: bites at once, by one person with `manage_agents`.

    Commits the level and `config.changed`. Raises AutonomyError (unknown level, or not lower), NotAllowedError,
    Agent.DoesNotExist, LedgerUnavailableError.
    """
    if level not in LADDER:
        raise AutonomyError(f"`{level}` is not an autonomy level")
    with transaction.atomic():
        agent = Agent.objects.select_for_update().get(pk=agent_id)
        ensure_may_for(user_id=user_id, permission="manage_agents", workspace_id=agent.workspace_id, agent_id=agent.pk)
        if agent.autonomy_level == level or is_raise(agent.autonomy_level, level):
            raise AutonomyError("raising an autonomy level takes a second person: propose it")
        write_level(agent_id=agent_id, level=level, actor=actor, now=now)


def write_level(*, agent_id: UUID | str, level: str, actor: Actor, now: datetime) -> None:
    """The one writer of an existing agent's level. Runs in the caller's transaction; whether it may, is asked there."""
    agent = Agent.objects.select_for_update().get(pk=agent_id)
    agent.autonomy_level = level
    agent.save(update_fields=["autonomy_level"])
    record_config_change(
        workspace_id=agent.workspace_id,
        row=agent,
        operation="updated",
        fields=["autonomy_level"],
        actor=actor,
        now=now,
    )
