"""Who decides on a two-person change: an active person by an account of their own."""

from uuid import UUID

from governance.models import User
from governance.selectors.access import NotAllowedError


def ensure_account(*, user_id: int, person_id: UUID) -> None:
    """Raises NotAllowedError unless the active login belongs to this active person."""
    accounts = User.objects.filter(pk=user_id, person_id=person_id, is_active=True, person__is_active=True)
    if not accounts.exists():
        raise NotAllowedError("a two-person change takes a login that belongs to an active person")
