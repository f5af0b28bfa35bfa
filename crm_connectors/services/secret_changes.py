"""A person sets a secret of a connection, or forgets it; what the CRM handed out for the earlier one goes too (IDN-05).

INVARIANT: no token or session outlives the secret or the settings that it was won by.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor
from audit.services.append import append_event
from crm_connectors.models import ConnectionSecret
from crm_connectors.services.connection_events import connection_event
from crm_connectors.services.connectors import get_kind
from crm_connectors.services.pause_ending import end_auth_pause
from crm_connectors.services.secrets import lock_secrets, write_secret
from crm_connectors.wiring import SecretKind
from governance.models import Connection, User
from governance.selectors.access import NotAllowedError, may

MAX_LENGTH = 16_384
"""Characters; a private key or a token of some vendors is a few thousand."""


class SecretRefusedError(ValueError):
    """It cannot be set like this. The words never repeat what was typed."""

    code = "secret_refused"


def set_secret(
    *, connection_id: UUID, name: str, value: str, user_id: int, now: datetime, expires_at: datetime | None = None
) -> None:
    """Keep a secret that a person typed, in place of the one there was; ends a pause for a refused credential.

    Takes `manage_agents` in the connection's workspace. Commits the row and `connection.secret_set`, and forgets what
    the CRM handed out before. Raises NotAllowedError, SecretRefusedError, LedgerUnavailableError.
    """
    person_id = _ensure_may(connection_id, user_id)
    actor, text = Actor("human", str(person_id)), value.strip()
    _ensure_sound(text, is_multiline=any(kind.is_multiline for kind in _kinds(connection_id) if kind.name == name))
    with transaction.atomic():
        lock_secrets(connection_id)
        write_secret(connection_id, name, text, set_by=person_id, expires_at=expires_at, now=now)
        forget_kept(connection_id=connection_id, actor=actor, now=now)
        end_auth_pause(connection_id=connection_id, actor=actor, now=now)


def forget_secret(*, connection_id: UUID, name: str, user_id: int, now: datetime) -> None:
    """Delete a secret, and what the CRM handed out. Takes `manage_agents`. Commits that and
    `connection.secret_forgotten` for each; nothing when there is none. Raises NotAllowedError, LedgerUnavailableError.
    """
    actor = Actor("human", str(_ensure_may(connection_id, user_id)))
    with transaction.atomic():
        lock_secrets(connection_id)
        _forget(connection_id, [name], actor, now)
        forget_kept(connection_id=connection_id, actor=actor, now=now)


def forget_kept(*, connection_id: UUID, actor: Actor, now: datetime) -> None:
    """Delete what the CRM handed out: the next call signs in anew. In the caller's transaction, on record."""
    _forget(connection_id, [kind.name for kind in _kinds(connection_id) if kind.is_kept], actor, now)


def forget_all(*, connection_id: UUID, actor: Actor, now: datetime) -> int:
    """Delete every secret of a connection, and say how many there were. In the caller's transaction, on record."""
    return _forget(connection_id, None, actor, now)


def _forget(connection_id: UUID, names: Collection[str] | None, actor: Actor, now: datetime) -> int:
    """`names` is None for all of them."""
    rows = ConnectionSecret.objects.filter(connection=connection_id)
    if names is not None:
        rows = rows.filter(name__in=names)
    gone = sorted(rows.values_list("name", flat=True))
    rows.delete()
    for name in gone:
        event = connection_event("connection.secret_forgotten", connection_id, actor=actor, data={"secret": name})
        append_event(event, now=now)
    return len(gone)


def _ensure_sound(text: str, *, is_multiline: bool) -> None:
    """A secret of one line goes into a header: a line break or a foreign sign in it was pasted by mistake."""
    if not text or len(text) > MAX_LENGTH:
        raise SecretRefusedError(f"a secret has 1 to {MAX_LENGTH} characters")
    if not is_multiline and not (text.isascii() and text.isprintable()):
        raise SecretRefusedError("this secret is one line of plain ASCII signs: it holds a line break or another sign")


def _kinds(connection_id: UUID) -> tuple[SecretKind, ...]:
    return get_kind(Connection.objects.values_list("kind", flat=True).get(pk=connection_id)).secrets


def _ensure_may(connection_id: UUID, user_id: int) -> UUID:
    workspace_id = Connection.objects.values_list("workspace_id", flat=True).get(pk=connection_id)
    user = User.objects.filter(pk=user_id, person__is_active=True).first()
    if user is None or user.person_id is None or not may(user, "manage_agents", workspace_id):
        raise NotAllowedError("`manage_agents` is not among your permissions in this workspace")
    return user.person_id
