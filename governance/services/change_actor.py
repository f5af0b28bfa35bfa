"""Who decides on a two-person change: an active person by an account of their own, with the permission."""

from collections.abc import Collection
from uuid import UUID

from governance.models import User
from governance.selectors.access import NotAllowedError, may


def ensure_account(*, user_id: int, person_id: UUID) -> None:
    """Raises NotAllowedError unless the active login belongs to this active person."""
    accounts = User.objects.filter(pk=user_id, person_id=person_id, is_active=True, person__is_active=True)
    if not accounts.exists():
        raise NotAllowedError("a two-person change takes a login that belongs to an active person")


def ensure_may_any(*, user_id: int, permissions: Collection[str], workspace_id: UUID) -> None:
    """Raises NotAllowedError unless the login holds one of them in the workspace."""
    user = User.objects.get(pk=user_id)
    if not any(may(user, permission, workspace_id) for permission in permissions):
        raise NotAllowedError("countersigning this is not among your permissions in this workspace")
