"""Appending to the ledger: in the caller's transaction, so that nothing happens that is not recorded (AUD-08)."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from uuid import UUID

from django.db import Error, IntegrityError, connection

from audit.domain.body import SALT_SIZE, WrittenEvent, write_event
from audit.domain.event import NewEvent
from audit.domain.event_types import EVENT_TYPES
from audit.domain.identifier import new_id
from audit.domain.merkle import leaf_hash
from audit.models import ErasableValues, LedgerEvent
from audit.services.rows import Guard, Rows, insert, insert_together, time_wire, uuid_wire

_COLUMNS = (
    "id",
    "body",
    "leaf_hash",
    "type",
    "workspace",
    "actor_type",
    "actor_id",
    "subject_type",
    "subject_id",
    "correlation_id",
    "at",
)


class OutsideTransactionError(RuntimeError):
    """An event was appended outside a transaction: it would say what the change beside it may not have done."""

    code = "outside_transaction"


class UnknownEventTypeError(ValueError):
    """The type is not in `audit.domain.event_types`."""

    code = "unknown_event_type"


class LedgerUnavailableError(RuntimeError):
    """The ledger cannot be written: the step must not happen. Doors answer 503 with this code."""

    code = "audit_unavailable"


def append_event(event: NewEvent, *, now: datetime) -> UUID:
    """Append one event; see `append_events`."""
    return append_events([event], now=now)[0]


def append_events(events: Sequence[NewEvent], *, now: datetime) -> list[UUID]:
    """Append events in their order, inside the caller's transaction; returns their ids.

    One INSERT for all events, one more if any has erasable values; a trigger makes them pending for the sequencer.
    Takes no lock: business transactions do not wait for each other here.
    Raises OutsideTransactionError, UnknownEventTypeError, InvalidEventError, EventTooLargeError and
    LedgerUnavailableError.
    """
    written = write_events(events, now=now)
    insert_events(written)
    return [item.id for item in written]


def append_with(
    rows: Sequence[Rows],
    events: Sequence[NewEvent],
    *,
    now: datetime,
    guards: Sequence[Guard] = (),
    has_savepoint: bool = True,
    frees_early: bool = False,
) -> None:
    """INSERT the rows of a change together with the events that record it; commits them as one, or nothing.

    For changes that are made of new rows alone, as intake's: the database is asked once where it can be. Without a
    savepoint the caller's transaction must roll back when this raises. `frees_early` as in `insert_together`.
    Raises IntegrityError when a row is there already, GuardFailedError, else as `append_events`.
    """
    written = write_events(events, now=now)
    try:
        insert_together([*rows, *_event_rows(written)], guards, has_savepoint=has_savepoint, frees_early=frees_early)
    except IntegrityError:
        raise
    except Error as error:
        raise LedgerUnavailableError("the ledger cannot be written") from error


def write_events(events: Sequence[NewEvent], *, now: datetime) -> list[WrittenEvent]:
    """Lay the events down as bytes. Raises UnknownEventTypeError, InvalidEventError, EventTooLargeError."""
    for event in events:
        if event.type not in EVENT_TYPES:
            raise UnknownEventTypeError(f"`{event.type}` is not an event type of the ledger")
    salts = BytesIO(secrets.token_bytes(SALT_SIZE * sum(len(event.values) for event in events)))  # one call for all
    return [_write(event, salts, at=now) for event in events]


def insert_events(written: Sequence[WrittenEvent]) -> None:
    """Insert events that are laid down already. Raises OutsideTransactionError, LedgerUnavailableError."""
    if not connection.in_atomic_block:
        raise OutsideTransactionError("a ledger event is appended in the transaction of the change that it records")
    try:
        for rows in _event_rows(written):
            insert(rows)
    except Error as error:
        raise LedgerUnavailableError("the ledger cannot be written") from error


def _event_rows(written: Sequence[WrittenEvent]) -> tuple[Rows, Rows]:
    values = [(uuid_wire(item.id), item.erasable) for item in written if item.erasable is not None]
    return (
        Rows(LedgerEvent, _COLUMNS, [_row(item) for item in written]),
        Rows(ErasableValues, ("event_id", "content"), values),
    )


def _write(event: NewEvent, salts: BytesIO, *, at: datetime) -> WrittenEvent:
    drawn = {name: salts.read(SALT_SIZE) for name in event.values}
    return write_event(event, event_id=new_id(), at=at, salts=drawn)


def _row(item: WrittenEvent) -> tuple[object, ...]:
    event = item.event
    return (
        uuid_wire(item.id),
        item.body,
        leaf_hash(item.body),
        event.type,
        event.workspace,
        event.actor.type,
        event.actor.id,
        event.subject.type,
        event.subject.id,
        event.correlation_id,
        time_wire(item.at),
    )
