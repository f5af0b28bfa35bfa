"""May this person do that here? Object permissions on workspaces, asked at every door (IDN-07)."""

from collections.abc import Collection
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from guardian.shortcuts import get_perms

from governance.models import User, Workspace
from governance.selectors.held import AgentScope, get_held


class NotAllowedError(PermissionError):
    """The person's roles do not hold the permission in this workspace."""

    code = "not_allowed"


def may(user: User | AnonymousUser, permission: str, workspace_id: UUID) -> bool:
    """Whether an active user holds the permission (a codename) on the workspace, by role or as superuser. By
    `get_held`: a page asks it for each of its parts."""
    return _is_superuser(user) or permission in get_held(user).at(workspace_id)


def may_for(user: User | AnonymousUser, permission: str, *, workspace_id: UUID, agent_id: UUID | None) -> bool:
    """Whether an active user holds the permission for this agent: in its whole workspace, or for it alone.

    None for what is of no agent, which takes the workspace's. Requires the agent to be of that workspace.
    """
    return _is_superuser(user) or permission in get_held(user).at_agent(workspace_id, agent_id)


def _is_superuser(user: User | AnonymousUser) -> bool:
    return bool(user.is_active and user.is_superuser)


def ensure_may(*, user_id: int | None, permission: str, workspace_id: UUID) -> None:
    """Raises NotAllowedError unless the user holds the permission in the workspace."""
    user = User.objects.filter(pk=user_id).first() if user_id is not None else None
    if user is None or not may(user, permission, workspace_id):
        raise NotAllowedError(f"`{permission}` is not among your permissions in this workspace")


def ensure_may_for(*, user_id: int | None, permission: str, workspace_id: UUID, agent_id: UUID | None) -> None:
    """Raises NotAllowedError unless the user holds the permission for this agent, alone or with its workspace."""
    user = User.objects.filter(pk=user_id).first() if user_id is not None else None
    if user is None or not may_for(user, permission, workspace_id=workspace_id, agent_id=agent_id):
        raise NotAllowedError(f"`{permission}` is not among your permissions for this")


def ensure_may_for_some(*, user_id: int | None, permission: str, workspace_id: UUID) -> AgentScope:
    """The agents for which the user holds the permission, None for all of the workspace. Raises NotAllowedError for who
    holds it for none: what is begun for many agents, each of which is asked about by itself."""
    user = User.objects.filter(pk=user_id).first() if user_id is not None else None
    scope = get_held(user).get_scope(workspace_id, permission) if user is not None else frozenset()
    if scope == frozenset():
        raise NotAllowedError(f"`{permission}` is not among your permissions in this workspace")
    return scope


def ensure_may_any(*, user_id: int | None, permissions: Collection[str], workspace_id: UUID) -> None:
    """Raises NotAllowedError unless the user holds one of the permissions in the workspace."""
    user = User.objects.filter(pk=user_id).first() if user_id is not None else None
    if user is None or not any(may(user, permission, workspace_id) for permission in permissions):
        names = " or ".join(f"`{name}`" for name in sorted(permissions))
        raise NotAllowedError(f"{names} is not among your permissions in this workspace")


def ensure_person_may(*, person_id: UUID, permission: str, workspace_id: UUID) -> None:
    """Raises NotAllowedError unless some active login of the active person holds the permission in the workspace."""
    logins = User.objects.filter(person_id=person_id, person__is_active=True, is_active=True)
    if not any(may(login, permission, workspace_id) for login in logins):
        raise NotAllowedError(f"a person without `{permission}` in this workspace cannot agree to this")


def holds_anywhere(user: User | AnonymousUser, *permissions: str) -> bool:
    """Whether the user holds any of the permissions in some workspace: what menus ask, dozens of times a page.

    By `get_held`. Whatever is done asks `may` for the row's workspace.
    """
    if user.is_active and user.is_superuser:
        return True
    return get_held(user).holds_any(*permissions)


def holds_for_some_agent(user: User | AnonymousUser, *permissions: str) -> bool:
    """Whether the user holds any of the permissions in some workspace or for some agent. By `get_held`."""
    return holds_anywhere(user, *permissions) or bool(get_held(user).list_agents(*permissions))


def list_workspaces(user: User | AnonymousUser, *permissions: str) -> QuerySet[Workspace]:
    """The workspaces in which the user holds any of the permissions, as rows to filter by. By `get_held`."""
    return Workspace.objects.filter(pk__in=[row.pk for row in get_held(user).list_where(*permissions)])


def holds_in(user: User, workspace_id: UUID) -> bool:
    """Whether an active user holds any permission in the workspace at all: whether they belong there."""
    if not user.is_active:
        return False
    return user.is_superuser or bool(get_perms(user, Workspace(pk=workspace_id)))
