"""Nobody may touch a recipient any more, by a person's word or since a reply came; or it may go on (LIM-06)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.dnc_key import InvalidRecipientError
from governance.models import TouchKey, Workspace
from governance.selectors.access import ensure_may
from governance.selectors.touch_people import read_address, related_keys
from governance.services.dnc_lock import hold_dnc_exclusive

PERMISSION = "review_requests"
MAX_REASON = 300


class TouchStopError(ValueError):
    """The stop or its end cannot be recorded like this. The words say why."""

    code = "recipient_stop_refused"


def stop_recipient(
    *, workspace_id: UUID, address: str, reason: str, person_id: UUID, user_id: int, now: datetime
) -> UUID:
    """No request reaches whoever has this address, or another one that was touched together with it, until somebody
    resumes; returns the key's id. What has begun to leave goes on.

    Needs `review_requests`. Commits the keys and `recipient.stopped`. Raises TouchStopError, InvalidRecipientError,
    DncUnavailableError, NotAllowedError, LedgerUnavailableError.
    """
    columns = {"stopped_at": now, "stop_reason": reason.strip(), "stopped_by": f"human:{person_id}"}
    return _mark(workspace_id, address, reason, "recipient.stopped", columns, person_id, user_id, now)


def resume_recipient(
    *, workspace_id: UUID, address: str, reason: str, person_id: UUID, user_id: int, now: datetime
) -> UUID:
    """Whoever has this address may be touched again, as far as caps count: a stop by hand ends, and replies,
    meetings and enrolments so far stop them no more. Else as `stop_recipient`; commits `recipient.resumed`."""
    columns = {"stopped_at": None, "stop_reason": "", "stopped_by": "", "resumed_at": now}
    return _mark(workspace_id, address, reason, "recipient.resumed", columns, person_id, user_id, now)


def note_reply(*, workspace_id: UUID, address: str, now: datetime) -> None:
    """Whoever has this address answered: caps that stop after a reply hold from now on, over all addresses that were
    touched together with it. Call it in the transaction of the report; what has begun to leave goes on.

    An address that cannot be read was touched under none, and is left. Raises DncUnavailableError.
    """
    with suppress(InvalidRecipientError):
        key = read_address(workspace_id, address)
        _write(sorted({key, *related_keys(key)}), workspace_id, {"replied_at": now})
        hold_dnc_exclusive()  # INVARIANT: a send that has not begun when this returns does not begin


def _mark(  # noqa: PLR0917 - both deeds are this one
    workspace_id: UUID,
    address: str,
    reason: str,
    event_type: str,
    columns: dict[str, Any],
    person_id: UUID,
    user_id: int,
    now: datetime,
) -> UUID:
    ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=workspace_id)
    if not reason.strip() or len(reason.strip()) > MAX_REASON:
        raise TouchStopError(f"say why, in at most {MAX_REASON} characters")
    workspace = Workspace.objects.get(pk=workspace_id)
    key = read_address(workspace_id, address)
    with transaction.atomic():
        keys = sorted({key, *related_keys(key)})
        _write(keys, workspace_id, columns)
        event = NewEvent(
            type=event_type,
            workspace=workspace.slug,
            actor=Actor("human", str(person_id)),
            subject=Subject("recipient", key.hex),
            correlation_id=f"recipient-{key.hex}",
            data={"keys": len(keys)},
            values={"reason": reason.strip()},
        )
        append_event(event, now=now)
        hold_dnc_exclusive()  # INVARIANT: a send that has not begun when this returns does not begin
    return key


def _write(keys: Sequence[UUID], workspace_id: UUID, columns: dict[str, Any]) -> None:
    TouchKey.objects.bulk_create(
        [TouchKey(id=key, workspace_id=workspace_id, version=0, ceiling=0) for key in keys], ignore_conflicts=True
    )
    rows = TouchKey.objects.filter(pk__in=keys)
    list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))  # in the order of reservations
    rows.update(**columns)
