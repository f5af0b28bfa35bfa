"""Secrets of connections: used, handed out by the CRM, sealed anew; each on record, the value never (IDN-05).

What a person sets and forgets is in `secret_changes`.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.selectors.kept_query import KeptQuery
from audit.services.append import append_event
from crm_connectors.adapters.sealing import SealBrokenError, fingerprint, is_sealed_newly, seal, unseal
from crm_connectors.domain.secret import Secret
from crm_connectors.models import ConnectionEndpoint, ConnectionSecret
from crm_connectors.port import AuthError
from crm_connectors.services.connection_events import ITSELF, connection_event
from crm_connectors.services.signing_in import alone_signing_in

USE_PERIOD = timedelta(minutes=10)
"""A secret's uses are on record once in this time, by whichever process is first: a bulk change of ten thousand records
is a few events, and a secret that is used at all never goes unseen."""


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
    row: ConnectionSecret | None = next(iter(_NAMED.fetch(connection_id, name)), None)
    now = get_now()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    try:
        value = unseal(row.sealed_value, purpose=_purpose(connection_id, name))
    except SealBrokenError as error:
        raise AuthError(f"the secret `{name}` was sealed under another SECRET_KEY; set it again") from error
    _note_use(row, now)
    return Secret(value.decode())


_NAMED = KeptQuery(lambda connection_id, name: ConnectionSecret.objects.filter(connection=connection_id, name=name))


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

    def keep(
        self,
        name: str,
        value: str,
        *,
        won_by: Mapping[str, Secret] | None = None,
        expires_at: datetime | None = None,
        along: Mapping[str, str] | None = None,
    ) -> None:
        """Commits the row and `connection.secret_set`; neither when a secret of `won_by` is no longer the one there.
        `along` came with it and is kept with it or not at all: one is of no use without the other."""
        with transaction.atomic():
            lock_secrets(self._connection_id)
            if self._are_still_set(won_by or {}):
                now = get_now()
                write_secret(self._connection_id, name, value, set_by=None, expires_at=expires_at, now=now)
                for other, text in (along or {}).items():
                    write_secret(self._connection_id, other, text, set_by=None, expires_at=None, now=now)

    def alone(self) -> AbstractContextManager[None]:
        return alone_signing_in(self._connection_id)

    def _are_still_set(self, secrets: Mapping[str, Secret]) -> bool:
        """By value: a fingerprint changes with SECRET_KEY. Nothing is put on the wire, so that it is no use."""
        rows = ConnectionSecret.objects.filter(connection=self._connection_id, name__in=secrets)
        values = {
            row.name: unseal(row.sealed_value, purpose=_purpose(self._connection_id, row.name)).decode() for row in rows
        }
        return values == {name: secret.reveal() for name, secret in secrets.items()}


def lock_secrets(connection_id: UUID) -> None:
    """Make every other change of this connection's secrets, and of where they go, wait for the caller's transaction."""
    ConnectionEndpoint.objects.select_for_update().filter(pk=connection_id).first()


def write_secret(
    connection_id: UUID, name: str, text: str, *, set_by: UUID | None, expires_at: datetime | None, now: datetime
) -> None:
    """In the caller's transaction, under `lock_secrets`: the row and `connection.secret_set`. `set_by` is None for what
    the CRM itself handed out."""
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
