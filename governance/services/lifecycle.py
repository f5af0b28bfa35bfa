"""The steps of an agent's life, each with a reason and on record (IDN-06)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.lifecycle import RESTRICTING, STEPS, is_step
from governance.domain.vocabulary import Lifecycle
from governance.models import Agent, User
from governance.selectors.access import NotAllowedError, may_for


class LifecycleError(ValueError):
    """The agent cannot take this step. The words say why."""

    code = "lifecycle_refused"


def change_lifecycle(*, agent_id: UUID, lifecycle: str, reason: str, actor: Actor, user_id: int, now: datetime) -> None:
    """Take one step; it bites with the next request and the next claim.

    Shutting out (`quarantined`, `read_only` of an active agent) takes `manage_agents` or `engage_switches`, every other
    step `manage_agents`. Commits the step and `agent.lifecycle_changed`. Raises LifecycleError, NotAllowedError,
    Agent.DoesNotExist, LedgerUnavailableError.
    """
    if not reason.strip():
        raise LifecycleError("say why")
    with transaction.atomic():
        agent = Agent.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=agent_id)
        old = agent.lifecycle
        if not is_step(old, lifecycle):
            open_steps = ", ".join(sorted(STEPS.get(old, ()))) or "nothing: retired is final"
            raise LifecycleError(f"from `{old}` an agent goes to {open_steps}")
        _ensure_may_step(agent, old, lifecycle, user_id)
        agent.lifecycle = lifecycle
        agent.save(update_fields=["lifecycle"])
        append_event(_event(agent, old, reason, actor), now=now)


def _ensure_may_step(agent: Agent, old: str, new: str, user_id: int) -> None:
    is_restricting = (old == Lifecycle.ACTIVE and new in RESTRICTING) or new == Lifecycle.QUARANTINED
    permissions = ("manage_agents", "engage_switches") if is_restricting else ("manage_agents",)
    user = User.objects.filter(pk=user_id).first()
    if user is None or not any(
        may_for(user, name, workspace_id=agent.workspace_id, agent_id=agent.pk) for name in permissions
    ):
        raise NotAllowedError("this step is not among your permissions in this workspace")


def _event(agent: Agent, old: str, reason: str, actor: Actor) -> NewEvent:
    return NewEvent(
        type="agent.lifecycle_changed",
        workspace=agent.workspace.slug,
        actor=actor,
        subject=Subject("agent", str(agent.pk)),
        correlation_id=f"config-{agent.pk}",
        data={"agent": agent.name, "from": old, "to": agent.lifecycle},
        values={"reason": reason.strip()},
    )
