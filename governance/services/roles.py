"""Roles of people: a role is a set of object permissions on one workspace (IDN-07)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from guardian.shortcuts import assign_perm, get_perms, remove_perm
from msgspec import structs

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.roles import CONSOLE_ROLES, PERMISSIONS, ROLE_PERMISSIONS, Role
from governance.domain.vocabulary import ActorType
from governance.models import User, Workspace
from governance.selectors.access import NotAllowedError


class UnknownRoleError(ValueError):
    """Not one of `governance.domain.roles.Role`."""

    code = "unknown_role"


class SuperuserError(ValueError):
    """A superuser's rights are of the installation, not of a workspace."""

    code = "superuser"


def assign_role(*, user_id: int, workspace_id: UUID, role: str, actor: Actor, now: datetime) -> None:
    """Give the login exactly the role's permissions in the workspace, whatever it held there before.

    Commits permissions and `role.assigned`; nothing when the login holds the role already.
    Raises UnknownRoleError, NotAllowedError (an agent asks), User.DoesNotExist, Workspace.DoesNotExist.
    """
    if actor.type == ActorType.AGENT:
        raise NotAllowedError("roles are given by people")
    if role not in set(Role):
        raise UnknownRoleError(f"`{role}` is not a role")
    wanted = ROLE_PERMISSIONS[Role(role)]
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        workspace = Workspace.objects.get(pk=workspace_id)
        held = PERMISSIONS.intersection(get_perms(user, workspace)) if not user.is_superuser else frozenset()
        needs_console = role in CONSOLE_ROLES and not user.is_staff
        if held == wanted and not needs_console:
            return
        for codename in sorted(wanted - held):
            assign_perm(codename, user, workspace)
        for codename in sorted(held - wanted):
            remove_perm(codename, user, workspace)
        if needs_console:
            user.is_staff = True
            user.save(update_fields=["is_staff"])
        data = {"role": role, "permissions": sorted(wanted), "person": str(user.person_id) if user.person_id else None}
        event = _event("role.assigned", user, workspace, data, actor)
        append_event(structs.replace(event, values=name_of(user)), now=now)


def withdraw_role(*, user_id: int, workspace_id: UUID, actor: Actor, now: datetime) -> None:
    """Take every permission in the workspace from the login; it stays a login elsewhere. Bites with its next click.

    Commits the end of the permissions and `role.withdrawn`; nothing when it holds none. Raises SuperuserError,
    NotAllowedError (an agent asks), User.DoesNotExist, Workspace.DoesNotExist, LedgerUnavailableError.
    """
    if actor.type == ActorType.AGENT:
        raise NotAllowedError("roles are taken by people")
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        workspace = Workspace.objects.get(pk=workspace_id)
        if user.is_superuser:
            raise SuperuserError(
                "a superuser holds everything by itself: whoever runs the installation ends that login"
            )
        held = PERMISSIONS.intersection(get_perms(user, workspace))
        for codename in sorted(held):
            remove_perm(codename, user, workspace)
        if held:
            append_event(_event("role.withdrawn", user, workspace, {"permissions": sorted(held)}, actor), now=now)


def name_of(user: User) -> dict[str, Any]:
    """The person's name as an erasable value: who reads the ledger elsewhere sees ids of people alone."""
    return {"name": user.person.name} if user.person is not None else {}


def _event(type_: str, user: User, workspace: Workspace, data: dict[str, Any], actor: Actor) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=workspace.slug,
        actor=actor,
        subject=Subject("user", str(user.pk)),
        correlation_id=f"role-{user.pk}",
        data=data,
    )
