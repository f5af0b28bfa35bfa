"""People's logins are on record: who could do what was done from here on (AUD-02, IDN-07)."""

from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import LedgerUnavailableError, append_event
from audit.services.spool import spool_event
from governance.domain.vocabulary import ActorType
from governance.models import User

NOBODY = "unknown"
"""Stands where no login is proven."""


def record_login(*, user: User, now: datetime) -> None:
    """Say that this login was opened with its password. Commits `login.succeeded`.

    While the ledger cannot be written it waits in the spool: who comes to press a stop must get in. Raises
    LedgerUnavailableError where the spool cannot be written either: then nobody gets in.
    """
    actor = Actor(ActorType.HUMAN, str(user.person_id or user.pk))
    _record(_event("login.succeeded", actor, str(user.pk), data={"is_superuser": user.is_superuser}), now=now)


def record_refused_login(*, name: str, reason: str, now: datetime) -> None:
    """Say that somebody was not let in, and by which name they came. Commits `login.refused`.

    Who it was is not known: a name proves nothing, and may be a password in the wrong field, so it is a value that can
    be erased. `reason` is a code. Raises LedgerUnavailableError where the spool cannot be written either.
    """
    user_id = User.objects.filter(username=name).values_list("pk", flat=True).first()
    actor, data = Actor(ActorType.HUMAN, NOBODY), {"reason": reason}
    _record(_event("login.refused", actor, str(user_id or NOBODY), data=data, values={"name": name}), now=now)


def record_logout(*, user: User, now: datetime) -> None:
    """Say that this login was ended by who held it. Commits `login.ended`. Raises as `record_refused_login`."""
    _record(_event("login.ended", Actor(ActorType.HUMAN, str(user.person_id or user.pk)), str(user.pk)), now=now)


def _event(
    type_: str, actor: Actor, user_id: str, *, data: dict[str, Any] | None = None, values: dict[str, Any] | None = None
) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace="",
        actor=actor,
        subject=Subject("user", user_id),
        correlation_id=f"login-{user_id}",
        data=data or {},
        values=values or {},
    )


def _record(event: NewEvent, *, now: datetime) -> None:
    try:
        with transaction.atomic():
            append_event(event, now=now)
    except (LedgerUnavailableError, DatabaseError):
        spool_event(event, now=now)
