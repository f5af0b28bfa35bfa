"""Rights of people for one agent alone: given and taken, on record (IDN-07)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from guardian.shortcuts import assign_perm, get_user_perms, remove_perm

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.agent_rights import AGENT_RIGHTS, AgentRight, with_needed
from governance.domain.vocabulary import ActorType
from governance.models import Agent, User
from governance.selectors.access import NotAllowedError, ensure_may, ensure_may_any
from governance.selectors.workspace_people import list_people

GIVES, TAKES = "manage_agents", "review_access"


class AgentRightsError(ValueError):
    """The rights cannot be given or taken like this. The words say why."""

    code = "agent_rights_refused"


def set_agent_rights(
    *, agent_id: UUID, holder_id: int, rights: Collection[str], actor: Actor, user_id: int, now: datetime
) -> frozenset[str]:
    """Let the login hold exactly these rights for this agent alone; returns what it holds now. None takes them all.

    Whoever gives holds `manage_agents` in the whole workspace and gives nothing to themselves; rights that others are
    of no use without come along. Bites with the holder's next click. Commits permissions and `agent_rights.changed`;
    nothing when that is held already. Raises AgentRightsError, NotAllowedError, Agent.DoesNotExist, User.DoesNotExist,
    LedgerUnavailableError.
    """
    if not set(rights) <= AGENT_RIGHTS:
        raise AgentRightsError("choose among the rights that there are for one agent")
    with transaction.atomic():
        agent = Agent.objects.select_related("workspace").get(pk=agent_id)
        giver = _ensure_giver(agent, holder_id, actor, user_id)
        holder = User.objects.select_for_update().get(pk=holder_id)
        if rights:
            _ensure_may_hold(agent, holder, giver)
        return _apply(agent, holder, with_needed([AgentRight(right) for right in rights]), actor, now)


def take_agent_rights(*, agent_id: UUID, holder_id: int, actor: Actor, user_id: int, now: datetime) -> None:
    """Take every right for this agent from the login: for who gives them, and who reviews access (IDN-08).

    Commits and raises as `set_agent_rights`.
    """
    with transaction.atomic():
        agent = Agent.objects.select_related("workspace").get(pk=agent_id)
        ensure_may_any(user_id=user_id, permissions=(GIVES, TAKES), workspace_id=agent.workspace_id)
        holder = User.objects.select_for_update().get(pk=holder_id)
        _apply(agent, holder, frozenset(), actor, now)


def _ensure_giver(agent: Agent, holder_id: int, actor: Actor, user_id: int) -> User:
    if actor.type == ActorType.AGENT:
        raise NotAllowedError("rights are given by people")
    ensure_may(user_id=user_id, permission=GIVES, workspace_id=agent.workspace_id)
    if holder_id == user_id:
        raise AgentRightsError("nobody gives rights to themselves: ask another person who manages agents")
    return User.objects.get(pk=user_id)


def _ensure_may_hold(agent: Agent, holder: User, giver: User) -> None:
    """An active login of an active person who is of this workspace, or of none yet; not the giver by another login."""
    if not holder.is_active or holder.is_superuser or holder.person_id is None:
        raise AgentRightsError("choose an active login that belongs to a person and is no superuser")
    if holder.person_id == giver.person_id:
        raise AgentRightsError("nobody gives rights to themselves: ask another person who manages agents")
    if not list_people([agent.workspace_id]).filter(pk=holder.person_id).exists():
        raise AgentRightsError("choose an active person of this workspace")


def _apply(agent: Agent, holder: User, wanted: frozenset[AgentRight], actor: Actor, now: datetime) -> frozenset[str]:
    names = frozenset(right.value for right in wanted)
    held = AGENT_RIGHTS.intersection(get_user_perms(holder, agent))
    if held == names:
        return names
    for codename in sorted(names - held):
        assign_perm(codename, holder, agent)
    for codename in sorted(held - names):
        remove_perm(codename, holder, agent)
    if names and not holder.is_staff:
        holder.is_staff = True  # its pages are the console's
        holder.save(update_fields=["is_staff"])
    data = {"agent": agent.name, "given": sorted(names - held), "taken": sorted(held - names), "held": sorted(names)}
    append_event(_event(agent, holder, data, actor), now=now)
    return names


def _event(agent: Agent, holder: User, data: dict[str, Any], actor: Actor) -> NewEvent:
    return NewEvent(
        type="agent_rights.changed",
        workspace=agent.workspace.slug,
        actor=actor,
        subject=Subject("user", str(holder.pk)),
        correlation_id=f"agent-{agent.pk}",
        data=data,
    )
