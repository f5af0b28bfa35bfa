"""The body of a ledger event: the bytes that are hashed, stored for ever and never changed (AUD-01, AUD-02).

    {"actor":{"id","type"},"at","commitments":{name: hex},"correlation_id","data":{…},"id",
     "subject":{"id","type"},"type","v":1,"workspace"}          as RFC 8785 bytes, `at` in UTC with microseconds and Z

Personal data stays out: the body holds SHA-256(salt ‖ canonical value) of each member of `values`; value and salt lie
in an erasable row, so that erasing them leaves every hash standing (AUD-07).
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import rfc8785

from audit.domain.canonical import canonical_bytes
from audit.domain.event import Actor, NewEvent, Subject

BODY_VERSION = 1
MAX_BODY_BYTES = 65_535  # an entry bundle (C2SP tlog-tiles) counts an entry's bytes in 16 bits
MAX_NAME_LENGTH = 200
SALT_SIZE = 16


class InvalidEventError(ValueError):
    """The event cannot be written down: outside RFC 8785's domain, or a name that is empty, too long or holds NUL."""

    code = "invalid_event"


class EventTooLargeError(InvalidEventError):
    """The body would exceed 65,535 bytes: large content belongs in the event as its digest. Never truncated."""

    code = "event_too_large"


class EventBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body read back. `data` stays raw bytes: most readers do not need it."""

    v: int
    id: str
    type: str
    at: str
    workspace: str
    actor: Actor
    subject: Subject
    correlation_id: str
    data: msgspec.Raw
    commitments: dict[str, str]


class ErasableValue(msgspec.Struct, frozen=True):
    """A committed value beside its salt (hex). `value` is the exact canonical slice."""

    salt: str
    value: msgspec.Raw


class WrittenEvent(msgspec.Struct, frozen=True):
    """What is stored of one event: its canonical body, and its erasable values as canonical bytes (None without)."""

    id: UUID
    at: datetime
    event: NewEvent
    body: bytes
    erasable: bytes | None


_body_decoder = msgspec.json.Decoder(EventBody)
_values_decoder = msgspec.json.Decoder(dict[str, ErasableValue])


def write_event(event: NewEvent, *, event_id: UUID, at: datetime, salts: Mapping[str, bytes]) -> WrittenEvent:
    """Lay an event down as bytes. `at` is aware; `salts` has 16 random bytes for each name in `event.values`.

    Raises InvalidEventError, EventTooLargeError.
    """
    _check_names(event)
    try:
        values = {name: canonical_bytes(value) for name, value in event.values.items()}
        body = canonical_bytes(
            {
                "v": BODY_VERSION,
                "id": str(event_id),
                "type": event.type,
                "at": format_time(at),
                "workspace": event.workspace,
                "actor": {"type": event.actor.type, "id": event.actor.id},
                "subject": {"type": event.subject.type, "id": event.subject.id},
                "correlation_id": event.correlation_id,
                "data": event.data,
                "commitments": {name: commitment(salts[name], value) for name, value in values.items()},
            }
        )
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise InvalidEventError(f"event `{event.type}` is not canonical JSON: {error}") from error
    if len(body) > MAX_BODY_BYTES:
        raise EventTooLargeError(f"event `{event.type}` takes {len(body)} bytes, more than {MAX_BODY_BYTES}")
    return WrittenEvent(id=event_id, at=at, event=event, body=body, erasable=_erasable(values, salts))


def read_body(body: bytes) -> EventBody:
    """Parse stored bytes. Raises InvalidEventError."""
    try:
        return _body_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidEventError(f"the body is not of the ledger's shape: {error}") from error


def read_values(erasable: bytes) -> dict[str, ErasableValue]:
    """Parse an erasable row. Raises InvalidEventError."""
    try:
        return _values_decoder.decode(erasable)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidEventError(f"the erasable values are not of the ledger's shape: {error}") from error


def commitment(salt: bytes, value: bytes) -> str:
    """SHA-256(salt ‖ canonical value), hex: binds to the value, tells nothing of it once the salt is gone."""
    return hashlib.sha256(salt + value).hexdigest()


def broken_commitments(body: EventBody, values: Mapping[str, ErasableValue]) -> list[str]:
    """Names among the kept `values` that the body does not commit to with that very value."""
    return [
        name
        for name, kept in values.items()
        if (salt := _read_salt(kept.salt)) is None or body.commitments.get(name) != commitment(salt, bytes(kept.value))
    ]


def format_time(moment: datetime) -> str:
    """`2026-01-31T09:30:00.000000Z`. `moment` must be aware, else ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a ledger time must be aware")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def _read_salt(text: str) -> bytes | None:
    """The salt, None unless it is spelled in just the one way: `fromhex` alone takes spaces and capitals too."""
    try:
        salt = bytes.fromhex(text)
    except ValueError:
        return None
    return salt if len(salt) == SALT_SIZE and salt.hex() == text else None


def _erasable(values: Mapping[str, bytes], salts: Mapping[str, bytes]) -> bytes | None:
    """The canonical bytes of {name: {"salt", "value"}}: joined, for the values are canonical already."""
    if not values:
        return None
    names = sorted(values, key=lambda text: text.encode("utf-16-be"))
    return b"{" + b",".join(_member(name, values[name], salts[name]) for name in names) + b"}"


def _member(name: str, value: bytes, salt: bytes) -> bytes:
    return canonical_bytes(name) + b':{"salt":"' + salt.hex().encode() + b'","value":' + value + b"}"


def _check_names(event: NewEvent) -> None:
    """The searchable names must fit their indexed columns in both databases."""
    names: dict[str, Any] = {
        "type": event.type,
        "workspace": event.workspace,
        "actor.type": event.actor.type,
        "actor.id": event.actor.id,
        "subject.type": event.subject.type,
        "subject.id": event.subject.id,
        "correlation_id": event.correlation_id,
    }
    for field, text in names.items():
        if not isinstance(text, str) or len(text) > MAX_NAME_LENGTH or "\x00" in text:
            raise InvalidEventError(f"`{field}` of an event must be text of at most {MAX_NAME_LENGTH} characters")
