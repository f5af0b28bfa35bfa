"""Delegations: granted by the person or by who manages agents, revoked with one click (IDN-04)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.action_class import REQUESTABLE
from governance.models import Agent, Connection, Delegation, Person, User
from governance.selectors.access import NotAllowedError, holds_in, may
from governance.selectors.workspace_people import list_people

MAX_DAYS = 180


class DelegationError(ValueError):
    """The delegation cannot be granted or revoked like this. The words say why."""

    code = "delegation_refused"


def grant_delegation(
    *,
    agent_id: UUID,
    person_id: UUID,
    connection_id: UUID | None,
    actions: Sequence[str],
    objects: Sequence[str],
    reason: str,
    days: int,
    user_id: int,
    now: datetime,
) -> UUID:
    """Let an agent act for a person: these actions, on these objects, for `days` (1 to 180); returns its id.

    The person grants their own; who holds `manage_agents` grants for others. It bites with the next request. Commits
    the delegation and `delegation.granted`. Raises DelegationError, NotAllowedError, Agent.DoesNotExist,
    Person.DoesNotExist, LedgerUnavailableError.
    """
    agent = Agent.objects.select_related("workspace").get(pk=agent_id)
    person = Person.objects.get(pk=person_id)
    granter = _ensure_may_grant(agent, person, user_id, "manage_agents")
    _ensure_sound(agent, person, connection_id, actions, objects, reason, days)
    delegation = Delegation(
        agent=agent,
        person=person,
        connection_id=connection_id,
        actions=sorted(set(actions)),
        objects_named=sorted(set(objects)),
        reason=reason.strip(),
        granted_by_id=granter,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    with transaction.atomic():
        delegation.save(force_insert=True)
        append_event(_event("delegation.granted", delegation, agent, granter, reason), now=now)
    return delegation.pk


def revoke_delegation(*, delegation_id: UUID, user_id: int, now: datetime) -> None:
    """End a delegation: bites with the next request and the next claim.

    The person themselves, or who holds `manage_agents` or `review_access`.

    Commits the end and `delegation.revoked`. Raises DelegationError (none, or ended), NotAllowedError.
    """
    with transaction.atomic():
        rows = Delegation.objects.select_for_update(of=("self",)).select_related("agent__workspace", "person")
        delegation = rows.filter(pk=delegation_id, revoked_at__isnull=True).first()
        if delegation is None:
            raise DelegationError("there is no such delegation, or it is revoked already")
        revoker = _ensure_may_grant(delegation.agent, delegation.person, user_id, "manage_agents", "review_access")
        delegation.revoked_at, delegation.revoked_by_id = now, revoker
        delegation.save(update_fields=["revoked_at", "revoked_by"])
        append_event(_event("delegation.revoked", delegation, delegation.agent, revoker, ""), now=now)


def _ensure_may_grant(agent: Agent, person: Person, user_id: int, *of_others: str) -> UUID:
    """The person behind the login, who answers for it."""
    user = User.objects.filter(pk=user_id, is_active=True, person__is_active=True).first()
    if user is None or user.person_id is None:
        raise NotAllowedError("a delegation takes a login that belongs to an active person")
    is_own = user.person_id == person.pk and holds_in(user, agent.workspace_id)
    if not is_own and not any(may(user, permission, agent.workspace_id) for permission in of_others):
        raise NotAllowedError("people delegate for themselves; for others it takes `manage_agents`")
    return user.person_id


def _ensure_sound(  # noqa: PLR0917 - the members of one scope
    agent: Agent,
    person: Person,
    connection_id: UUID | None,
    actions: Sequence[str],
    objects: Sequence[str],
    reason: str,
    days: int,
) -> None:
    if not reason.strip():
        raise DelegationError("say why")
    if not person.is_active:
        raise DelegationError("an inactive person delegates nothing")
    if not list_people([agent.workspace_id]).filter(pk=person.pk).exists():
        raise DelegationError("this person belongs to another workspace")
    if not 1 <= days <= MAX_DAYS:
        raise DelegationError(f"a delegation lasts 1 to {MAX_DAYS} days")
    if not actions or not objects:
        raise DelegationError("name the actions and the objects that it covers")
    if unknown := sorted(set(actions) - set(REQUESTABLE)):
        raise DelegationError(f"`{unknown[0]}` is no action that can be requested")
    if (
        connection_id is not None
        and not Connection.objects.filter(pk=connection_id, workspace_id=agent.workspace_id).exists()
    ):
        raise DelegationError("the workspace has no such connection")


def _event(type_: str, delegation: Delegation, agent: Agent, person_id: UUID, reason: str) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=agent.workspace.slug,
        actor=Actor("human", str(person_id)),
        subject=Subject("delegation", str(delegation.pk)),
        correlation_id=str(delegation.pk),
        data={
            "agent": agent.name,
            "person": str(delegation.person_id),
            "actions": delegation.actions,
            "objects": delegation.objects_named,
            "expires_at": delegation.expires_at.isoformat(),
        },
        values={"reason": reason.strip()} if reason.strip() else {},
    )
