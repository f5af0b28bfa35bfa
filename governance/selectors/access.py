"""May this person do that here? Object permissions on workspaces, asked at every door (IDN-07)."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from guardian.shortcuts import get_objects_for_user

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


def list_workspaces(user: User | AnonymousUser, *permissions: str) -> QuerySet[Workspace]:
    """The workspaces in which the user holds any of the permissions."""
    if not user.is_active:
        return Workspace.objects.none()
    found: QuerySet[Workspace] = get_objects_for_user(
        user, [f"governance.{name}" for name in permissions], klass=Workspace, any_perm=True, accept_global_perms=False
    )
    return found
