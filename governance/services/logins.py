"""People's logins are on record: who could do what was done from here on (AUD-02, IDN-07)."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import LedgerUnavailableError, append_event
from audit.services.spool import spool_event
from governance.domain.vocabulary import ActorType
from governance.models import RefusedLogin, User

NOBODY = "unknown"
"""Stands where no login is proven."""

SLICE = timedelta(minutes=10)
"""How long refusals of one kind are counted before the ledger is told of them together."""


def record_login(*, user: User, now: datetime) -> None:
    """Say that this login was opened with its password. Commits `login.succeeded`.

    While the ledger cannot be written it waits in the spool: who comes to press a stop must get in. Raises
    LedgerUnavailableError where the spool cannot be written either: then nobody gets in.
    """
    actor = Actor(ActorType.HUMAN, str(user.person_id or user.pk))
    _record(_event("login.succeeded", actor, str(user.pk), data={"is_superuser": user.is_superuser}), now=now)


def record_refused_login(*, name: str, address: str, reason: str, now: datetime) -> None:
    """Say that somebody was not let in, and by which name they came. Commits `login.refused`, or counts it where one
    was told within SLICE of the same login, address and reason; all names that nobody has count as one.

    Who it was is not known: a name proves nothing, and may be a password in the wrong field, so it is a value that can
    be erased. `reason` is a code. Raises LedgerUnavailableError where the spool cannot be written either.
    """
    user_id = str(User.objects.filter(username=name).values_list("pk", flat=True).first() or NOBODY)
    key = hashlib.sha256(json.dumps([user_id, address, reason]).encode()).hexdigest()
    if RefusedLogin.objects.filter(pk=key).update(untold=F("untold") + 1):
        return
    with transaction.atomic():
        row, is_first = RefusedLogin.objects.select_for_update().get_or_create(
            pk=key, defaults={"user_id_tried": user_id, "reason": reason, "since": now}
        )
        if not is_first:  # another came at the same moment
            RefusedLogin.objects.filter(pk=key).update(untold=F("untold") + 1)
            return
        _record(_refused(row, data={"reason": reason}, values={"name": name}), now=now)


def tell_refused_logins(*, now: datetime, limit: int) -> int:
    """Tell the ledger of refusals that were only counted and whose SLICE is over; returns of how many rows. Each is a
    transaction of its own. Raises LedgerUnavailableError."""
    due = RefusedLogin.objects.filter(since__lte=now - SLICE)
    keys = list(due.order_by("since").values_list("pk", flat=True)[:limit])
    for key in keys:
        with transaction.atomic():
            row = due.select_for_update().filter(pk=key).first()
            if row is not None:
                if row.untold:
                    append_event(_refused(row, data={"reason": row.reason, "tries": row.untold}), now=now)
                row.delete()
    return len(keys)


def record_logout(*, user: User, now: datetime) -> None:
    """Say that this login was ended by who held it. Commits `login.ended`. Raises as `record_refused_login`."""
    _record(_event("login.ended", Actor(ActorType.HUMAN, str(user.person_id or user.pk)), str(user.pk)), now=now)


def _refused(row: RefusedLogin, *, data: dict[str, Any], values: dict[str, Any] | None = None) -> NewEvent:
    actor = Actor(ActorType.HUMAN, NOBODY)
    return _event("login.refused", actor, row.user_id_tried, data=data, values=values)


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
