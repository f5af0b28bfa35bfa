"""The spool: what must be recorded while the ledger cannot be written, a STOP above all, waits in a synced file.

DATA_DIR/ledger/spool.jsonl, one event a line, each with the SHA-256 of its body, so that a torn line is known for one.
"""

import secrets
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import msgspec
from django.db import DatabaseError, transaction

from audit.adapters.files import append_line, ledger_dir, locked, move_away, remove
from audit.domain.body import SALT_SIZE, EventBody, WrittenEvent, read_body, write_event
from audit.domain.event import NewEvent
from audit.domain.event_types import EVENT_TYPES
from audit.domain.identifier import new_id
from audit.models import LedgerEvent
from audit.services.append import LedgerUnavailableError, UnknownEventTypeError, insert_events
from audit.services.lock import hold_sequencer_lock


class SpoolLine(msgspec.Struct, frozen=True):
    """`body` and `erasable` are the canonical texts; `sha256` is of the two, hex."""

    body: str
    erasable: str | None
    sha256: str


def spool_event(event: NewEvent, *, now: datetime) -> UUID:
    """Write the event to the spool and sync it; returns the id under which the ledger will have it.

    Needs no database. Raises UnknownEventTypeError, InvalidEventError, and LedgerUnavailableError when the file cannot
    be written either.
    """
    if event.type not in EVENT_TYPES:
        raise UnknownEventTypeError(f"`{event.type}` is not an event type of the ledger")
    salts = {name: secrets.token_bytes(SALT_SIZE) for name in event.values}
    written = write_event(event, event_id=new_id(), at=now, salts=salts)
    try:
        append_line(_path(), write_line(written))
    except OSError as error:
        raise LedgerUnavailableError("neither the ledger nor its spool can be written") from error
    return written.id


def write_line(written: WrittenEvent) -> bytes:
    """A line of the spool, without its end."""
    erasable = None if written.erasable is None else written.erasable.decode()
    line = SpoolLine(body=written.body.decode(), erasable=erasable, sha256=_digest(written.body, written.erasable))
    return msgspec.json.encode(line)


def import_spool(*, now: datetime) -> int:
    """Bring spooled events into the ledger, each exactly once; returns how many were new.

    The file is moved away first, so that spooling never waits for a database that hangs. Commits one transaction before
    the file is removed: a crash between the two imports nothing twice, for the ids are known by then. A line that was
    torn while it was written was never confirmed to anyone and is kept aside in `spool.rejected`. `now` is not the
    events' time: they keep their own. Raises LedgerUnavailableError.
    """
    if not _path().exists() and not _taken().exists():
        return 0
    with locked(_path().with_suffix(".lock")):  # between importers alone
        count = _import_taken(now) if _taken().exists() else 0  # a crash left it here
        if _path().exists():
            move_away(_path(), _taken())
            count += _import_taken(now)
    return count


def _import_taken(now: datetime) -> int:
    found = [(line, read_line(line)) for line in _taken().read_bytes().split(b"\n") if line]
    count = _import([item for _, item in found if item is not None])
    for line in (line for line, item in found if item is None):
        append_line(_path().with_suffix(".rejected"), now.isoformat().encode() + b" " + line)
    remove(_taken())
    return count


def _import(spooled: list[WrittenEvent]) -> int:
    try:
        with transaction.atomic():
            hold_sequencer_lock()  # two importers of one shared directory must not both find an id new
            known = set(LedgerEvent.objects.filter(id__in=[item.id for item in spooled]).values_list("id", flat=True))
            new = [item for item in spooled if item.id not in known]
            insert_events(new)
    except DatabaseError as error:
        raise LedgerUnavailableError("the spool cannot be imported yet") from error
    return len(new)


def _path() -> Path:
    return ledger_dir() / "spool.jsonl"


def _taken() -> Path:
    return ledger_dir() / "spool.importing"


def _digest(body: bytes, erasable: bytes | None) -> str:
    return sha256(body + (erasable or b"")).hexdigest()


def read_line(line: bytes) -> WrittenEvent | None:
    """What `write_line` wrote; None for anything else."""
    try:
        kept = msgspec.json.decode(line, type=SpoolLine)
        body, erasable = kept.body.encode(), None if kept.erasable is None else kept.erasable.encode()
        if kept.sha256 != _digest(body, erasable):
            return None
        return _written(read_body(body), body, erasable)
    except (msgspec.DecodeError, ValueError):  # not UTF-8, no event, no id or no time
        return None


def _written(parsed: EventBody, body: bytes, erasable: bytes | None) -> WrittenEvent:
    event = NewEvent(
        type=parsed.type,
        workspace=parsed.workspace,
        actor=parsed.actor,
        subject=parsed.subject,
        correlation_id=parsed.correlation_id,
    )
    at = datetime.strptime(parsed.at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return WrittenEvent(id=UUID(parsed.id), at=at, event=event, body=body, erasable=erasable)
