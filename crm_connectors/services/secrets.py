"""Secrets of connections: set, used, sealed anew, forgotten; each on record, the value never (IDN-05)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.append import append_event
from crm_connectors.adapters.sealing import SealBrokenError, fingerprint, is_sealed_newly, seal, unseal
from crm_connectors.domain.secret import Secret
from crm_connectors.models import ConnectionSecret
from crm_connectors.port import AuthError
from crm_connectors.services.connection_events import ITSELF, connection_event
from crm_connectors.services.pause_ending import end_auth_pause
from governance.models import Connection, User
from governance.selectors.access import NotAllowedError, may

USE_PERIOD = timedelta(minutes=10)
"""A secret's uses are on record once in this time, by whichever process is first: a bulk change of ten thousand records
is a few events, and a secret that is used at all never goes unseen."""

MAX_LENGTH = 16_384
"""Characters; a private key or a token of some vendors is a few thousand."""


class SecretRefusedError(ValueError):
    """It cannot be set like this. The words never repeat what was typed."""

    code = "secret_refused"


def set_secret(
    *, connection_id: UUID, name: str, value: str, user_id: int, now: datetime, expires_at: datetime | None = None
) -> None:
    """Keep a secret that a person typed, in place of the one there was; ends a pause for a refused credential.

    Takes `manage_agents` in the connection's workspace. Commits the row and `connection.secret_set`. Raises
    NotAllowedError, SecretRefusedError, LedgerUnavailableError.
    """
    person_id = _ensure_may(connection_id, user_id)
    text = value.strip()
    if not text or len(text) > MAX_LENGTH:
        raise SecretRefusedError(f"a secret has 1 to {MAX_LENGTH} characters")
    with transaction.atomic():
        _write(connection_id, name, text, set_by=person_id, expires_at=expires_at, now=now)
        end_auth_pause(connection_id=connection_id, actor=Actor("human", str(person_id)), now=now)


def forget_secret(*, connection_id: UUID, name: str, user_id: int, now: datetime) -> None:
    """Delete a secret. Takes `manage_agents`. Commits that and `connection.secret_forgotten`; nothing when there is
    none. Raises NotAllowedError, LedgerUnavailableError."""
    person_id = _ensure_may(connection_id, user_id)
    with transaction.atomic():
        count, _ = ConnectionSecret.objects.filter(connection=connection_id, name=name).delete()
        if count:
            actor = Actor("human", str(person_id))
            event = connection_event("connection.secret_forgotten", connection_id, actor=actor, data={"secret": name})
            append_event(event, now=now)


def rotate_secrets(*, now: datetime) -> int:
    """Seal every secret anew under the newest SECRET_KEY, after which the fallbacks can be dropped; how many were.

    Each in a transaction of its own with `connection.secret_resealed`; one that is changed meanwhile is sealed newly
    already. Raises SealBrokenError at one that no key opens, LedgerUnavailableError; what was done stays done.
    """
    count = 0
    for row in ConnectionSecret.objects.order_by("pk"):
        purpose = _purpose(row.connection_id, row.name)
        if not is_sealed_newly(row.sealed_value, purpose=purpose):
            count += _reseal(row, purpose, now)
    return count


def _reseal(row: ConnectionSecret, purpose: str, now: datetime) -> int:
    sealed = seal(unseal(row.sealed_value, purpose=purpose), purpose=purpose)
    with transaction.atomic():
        mine = ConnectionSecret.objects.filter(pk=row.pk, sealed_value=row.sealed_value)
        if not mine.update(sealed_value=sealed):
            return 0
        event = connection_event(
            "connection.secret_resealed", row.connection_id, actor=ITSELF, data={"secret": row.name}
        )
        append_event(event, now=now)
    return 1


def open_secret(*, connection_id: UUID, name: str) -> Secret:
    """The secret, to be put on the wire now. One query; two writes once in ten minutes, for `connection.secret_used`.

    Never inside a transaction. Raises AuthError when it was not set, has expired or cannot be read, and
    LedgerUnavailableError: a use that cannot be recorded does not happen.
    """
    secret = find_secret(connection_id=connection_id, name=name)
    if secret is None:
        raise AuthError(f"the secret `{name}` of this connection is not set, or has expired")
    return secret


def find_secret(*, connection_id: UUID, name: str) -> Secret | None:
    """As `open_secret`; None when it was not set or has expired."""
    row = ConnectionSecret.objects.filter(connection=connection_id, name=name).first()
    now = get_now()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    try:
        value = unseal(row.sealed_value, purpose=_purpose(connection_id, name))
    except SealBrokenError as error:
        raise AuthError(f"the secret `{name}` was sealed under another SECRET_KEY; set it again") from error
    _note_use(row, now)
    return Secret(value.decode())


def _note_use(row: ConnectionSecret, now: datetime) -> None:
    before = now - USE_PERIOD
    if row.last_used_at is not None and row.last_used_at > before:
        return
    is_due = Q(last_used_at=None) | Q(last_used_at__lte=before)
    with transaction.atomic():
        if ConnectionSecret.objects.filter(is_due, pk=row.pk).update(last_used_at=now):
            data = {"secret": row.name, "fingerprint": row.fingerprint}
            event = connection_event("connection.secret_used", row.connection_id, actor=ITSELF, data=data)
            append_event(event, now=now)


class ConnectionSecrets:
    """One connection's secrets, as its connector is handed them. See `crm_connectors.wiring.SecretStore`."""

    def __init__(self, connection_id: UUID) -> None:
        self._connection_id = connection_id

    def open(self, name: str) -> Secret:
        return open_secret(connection_id=self._connection_id, name=name)

    def find(self, name: str) -> Secret | None:
        return find_secret(connection_id=self._connection_id, name=name)

    def keep(self, name: str, value: str, *, expires_at: datetime | None = None) -> None:
        """Commits the row and `connection.secret_set`."""
        with transaction.atomic():
            _write(self._connection_id, name, value, set_by=None, expires_at=expires_at, now=get_now())


def _write(
    connection_id: UUID, name: str, text: str, *, set_by: UUID | None, expires_at: datetime | None, now: datetime
) -> None:
    purpose, value = _purpose(connection_id, name), text.encode()
    mark = fingerprint(value, purpose=purpose)
    ConnectionSecret.objects.update_or_create(
        connection_id=connection_id,
        name=name,
        defaults={
            "sealed_value": seal(value, purpose=purpose),
            "fingerprint": mark,
            "set_by_id": set_by,
            "set_at": now,
            "expires_at": expires_at,
            "last_used_at": None,
        },
    )
    actor = Actor("human", str(set_by)) if set_by is not None else ITSELF
    data = {"secret": name, "fingerprint": mark}
    append_event(connection_event("connection.secret_set", connection_id, actor=actor, data=data), now=now)


def _purpose(connection_id: UUID, name: str) -> str:
    """Part of the key: a sealed value that is moved to another row opens no more."""
    return f"connection secret {connection_id} {name}"


def _ensure_may(connection_id: UUID, user_id: int) -> UUID:
    workspace_id = Connection.objects.values_list("workspace_id", flat=True).get(pk=connection_id)
    user = User.objects.filter(pk=user_id, person__is_active=True).first()
    if user is None or user.person_id is None or not may(user, "manage_agents", workspace_id):
        raise NotAllowedError("`manage_agents` is not among your permissions in this workspace")
    return user.person_id
