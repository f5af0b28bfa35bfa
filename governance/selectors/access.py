"""May this person do that here? Object permissions on workspaces, asked at every door (IDN-07)."""

from collections.abc import Collection
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from guardian.models import GroupObjectPermission, UserObjectPermission
from guardian.shortcuts import get_objects_for_user, get_perms

from governance.models import User, Workspace


class NotAllowedError(PermissionError):
    """The person's roles do not hold the permission in this workspace."""

    code = "not_allowed"


def may(user: User | AnonymousUser, permission: str, workspace_id: UUID) -> bool:
    """Whether an active user holds the permission (a codename) on the workspace, by role or as superuser."""
    return bool(user.is_active) and user.has_perm(f"governance.{permission}", Workspace(pk=workspace_id))


def ensure_may(*, user_id: int | None, permission: str, workspace_id: UUID) -> None:
    """Raises NotAllowedError unless the user holds the permission in the workspace."""
    user = User.objects.filter(pk=user_id).first() if user_id is not None else None
    if user is None or not may(user, permission, workspace_id):
        raise NotAllowedError(f"`{permission}` is not among your permissions in this workspace")


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

    One query for each user *instance*, that is for each request. Whatever is done asks `may` for the row's workspace.
    """
    if not user.is_active or not isinstance(user, User):
        return False
    if user.is_superuser:
        return True
    held: frozenset[str] | None = user.__dict__.get("_held_anywhere")
    if held is None:
        held = user.__dict__["_held_anywhere"] = _list_held(user)
    return not held.isdisjoint(permissions)


def _list_held(user: User) -> frozenset[str]:
    of_workspaces = {"content_type__app_label": "governance", "content_type__model": "workspace"}
    direct = UserObjectPermission.objects.filter(user=user, **of_workspaces)
    by_group = GroupObjectPermission.objects.filter(group__user=user, **of_workspaces)
    name = "permission__codename"
    return frozenset(direct.values_list(name, flat=True).union(by_group.values_list(name, flat=True)))


def list_workspaces(user: User | AnonymousUser, *permissions: str) -> QuerySet[Workspace]:
    """The workspaces in which the user holds any of the permissions."""
    if not user.is_active:
        return Workspace.objects.none()
    found: QuerySet[Workspace] = get_objects_for_user(
        user, [f"governance.{name}" for name in permissions], klass=Workspace, any_perm=True, accept_global_perms=False
    )
    return found


def holds_in(user: User, workspace_id: UUID) -> bool:
    """Whether an active user holds any permission in the workspace at all: whether they belong there."""
    if not user.is_active:
        return False
    return user.is_superuser or bool(get_perms(user, Workspace(pk=workspace_id)))
