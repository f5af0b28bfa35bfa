"""Who holds a permission in a workspace: whom to tell (APR-13), whose word counts (APR-05)."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from guardian.models import GroupObjectPermission, UserObjectPermission
from guardian.shortcuts import get_users_with_perms

from governance.domain.agent_rights import AGENT_RIGHTS
from governance.models import Person, User, Workspace


def list_holders(workspace: Workspace, permission: str) -> set[UUID]:
    """Active people with an active login that holds the permission there, by role."""
    users = get_users_with_perms(
        workspace, only_with_perms_in=[permission], with_group_users=True, with_superusers=False
    )
    ids = [user.pk for user in users if isinstance(user, User) and user.is_active and user.person_id is not None]
    return set(Person.objects.filter(users__in=ids, is_active=True).values_list("pk", flat=True))


def logins_that_may(permission: str, *, workspace_id: UUID, agent_id: UUID | None) -> QuerySet[User]:
    """Active logins of which `may_for` is true, as rows to filter by: a sentence of the statement that asks for them.

    None for what is of no agent, which takes the workspace's.
    """
    place = _held_on("workspace", permission, workspace_id)
    if agent_id is not None and permission in AGENT_RIGHTS:
        place |= _held_on("agent", permission, agent_id)
    own = UserObjectPermission.objects.filter(place, user=OuterRef("pk"))
    by_group = GroupObjectPermission.objects.filter(place, group__user=OuterRef("pk"))
    return User.objects.filter(Q(is_superuser=True) | Exists(own) | Exists(by_group), is_active=True)


def makers_that_may(permission: str, *, workspace_id: UUID, person: str) -> Exists:
    """Of rows with a person in the column `person`: whether that person is active and has a login that holds the
    permission in the workspace now. For what somebody made and what lasts no longer than their right to it."""
    able = logins_that_may(permission, workspace_id=workspace_id, agent_id=None)
    return Exists(able.filter(person=OuterRef(person), person__is_active=True))


def _held_on(model: str, permission: str, object_id: UUID) -> Q:
    return Q(
        permission__codename=permission,
        permission__content_type__app_label="governance",
        permission__content_type__model=model,
        object_pk=str(object_id),
    )
