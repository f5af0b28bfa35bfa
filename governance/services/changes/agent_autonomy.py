"""Raising an agent's autonomy level takes two people (PRM-08). Lowering it takes one: `lower_autonomy`."""

from datetime import datetime, timedelta

from audit.domain.event import Actor
from governance.domain.autonomy import CONTROL_WORDS, is_raise, missing_controls
from governance.domain.proposed_change import Payload, ProposedChange
from governance.domain.vocabulary import AutonomyLevel
from governance.models import Agent
from governance.selectors.controls import gather_controls
from governance.services.autonomy import write_level
from governance.services.change_kind import ChangeKind, ChangeRefusedError


def describe(payload: Payload) -> tuple[str, ...]:
    """Payload: `agent` (id), `name`, `from` and `to` (autonomy levels)."""
    words = {level.value: level.value.replace("_", " ") for level in AutonomyLevel}
    old, new = words.get(payload["from"], payload["from"]), words.get(payload["to"], payload["to"])
    return (f"{payload['name']} goes from the autonomy level “{old}” to “{new}”.",)


def check(payload: Payload, change: ProposedChange) -> None:
    """Raises ChangeRefusedError."""
    agent = Agent.objects.select_for_update().filter(pk=payload["agent"], workspace_id=change.workspace_id).first()
    if agent is None:
        raise ChangeRefusedError("the workspace has no such agent")
    if agent.autonomy_level != payload["from"]:
        raise ChangeRefusedError(f"the level of {agent.name} changed meanwhile: it is `{agent.autonomy_level}` now")
    if not is_raise(agent.autonomy_level, payload["to"]):
        raise ChangeRefusedError(f"`{payload['to']}` is no higher than `{agent.autonomy_level}`")
    if missing := missing_controls(payload["to"], gather_controls(agent.pk)):
        words = "; ".join(CONTROL_WORDS[control][:1].lower() + CONTROL_WORDS[control][1:] for control in missing)
        raise ChangeRefusedError(f"the level `{payload['to']}` requires what is not in place yet: {words}")


def apply(payload: Payload, change: ProposedChange, now: datetime) -> None:
    write_level(agent_id=payload["agent"], level=payload["to"], actor=_actor(change), now=now)


def _actor(change: ProposedChange) -> Actor:
    return Actor("human", str(change.countersigned_by))


KIND = ChangeKind(
    label="Raise an autonomy level",
    propose="manage_agents",
    countersign=("countersign_changes",),
    expires_after=timedelta(days=3),
    describe=describe,
    check=check,
    apply=apply,
)
