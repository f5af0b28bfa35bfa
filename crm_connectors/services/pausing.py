"""Sequences held back by a person: one enrolment, or all of a sequence. Each with a reason, on record."""

from datetime import datetime
from uuid import UUID

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from crm_connectors.embedded.transaction import open_transaction
from crm_connectors.embedded.write import Author, keep_values, lock_record
from crm_connectors.models import CrmRecord
from governance.models import Connection, User
from governance.selectors.access import ensure_may

ACTIVE, PAUSED = "active", "paused"
_EVENT_NAMES = {"sequences": "sequence", "sequence_enrolments": "enrolment"}


class PauseError(ValueError):
    """It cannot be paused or resumed as it is."""

    code = "pause_refused"


def pause(*, connection_id: UUID, object_type: str, record_id: str, reason: str, user_id: int, now: datetime) -> None:
    """Pause a running sequence (then nobody enters it, and nobody in it goes on) or one enrolment.

    The person needs `revert_requests`. Commits the status, its history and the event together. Raises PauseError,
    NotAllowedError, NotFoundError, LedgerUnavailableError.
    """
    _change(connection_id, object_type, record_id, wanted=PAUSED, reason=reason, user_id=user_id, now=now)


def resume(*, connection_id: UUID, object_type: str, record_id: str, reason: str, user_id: int, now: datetime) -> None:
    """Let a paused one go on, as far as no stop is in force. Otherwise as `pause`."""
    _change(connection_id, object_type, record_id, wanted=ACTIVE, reason=reason, user_id=user_id, now=now)


def _change(
    connection_id: UUID, object_type: str, record_id: str, *, wanted: str, reason: str, user_id: int, now: datetime
) -> None:
    connection = Connection.objects.select_related("workspace").get(pk=connection_id)
    ensure_may(user_id=user_id, permission="revert_requests", workspace_id=connection.workspace_id)
    user = User.objects.get(pk=user_id)
    if not reason.strip():
        raise PauseError("say why")
    with open_transaction():
        record = lock_record(connection_id, object_type, record_id)
        _require(record, ACTIVE if wanted == PAUSED else PAUSED)
        actor = Actor("human", str(user.person_id or user.username))
        keep_values(record, {"status": wanted}, author=Author(actor=f"human:{user.username}", at=now))
        append_event(_event(record, connection, wanted, reason, actor), now=now)


def _require(record: CrmRecord, status: str) -> None:
    if record.archived_at is not None or record.values.get("status") != status:
        raise PauseError(f"it is not {status}")


def _event(record: CrmRecord, connection: Connection, wanted: str, reason: str, actor: Actor) -> NewEvent:
    name = _EVENT_NAMES[record.crm_object.name]
    return NewEvent(
        type=f"{name}.{'paused' if wanted == PAUSED else 'resumed'}",
        workspace=connection.workspace.slug,
        actor=actor,
        subject=Subject(name, str(record.number)),
        correlation_id=f"{name}-{record.pk}",
        data={"connection": connection.name, "record": str(record.number)},
        values={"reason": reason.strip()},
    )
