"""Who holds a permission in a workspace: whom to tell (APR-13)."""

from uuid import UUID

from guardian.shortcuts import get_users_with_perms

from governance.models import Person, User, Workspace


def list_holders(workspace: Workspace, permission: str) -> set[UUID]:
    """Active people with an active login that holds the permission there, by role."""
    users = get_users_with_perms(
        workspace, only_with_perms_in=[permission], with_group_users=True, with_superusers=False
    )
    ids = [user.pk for user in users if isinstance(user, User) and user.is_active and user.person_id is not None]
    return set(Person.objects.filter(users__in=ids, is_active=True).values_list("pk", flat=True))
