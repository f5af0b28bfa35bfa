"""What HubSpot's webhooks say, and whether it is HubSpot that says it (signature v3).

Deliveries come at least once, in batches, shuffled; an event's id is not unique. Whatever matters is read again from
HubSpot: an event is a hint, not a fact.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

import msgspec

_Event = TypeVar("_Event")

MAX_BYTES = 1_048_576
MAX_EVENTS = 100
WINDOW = timedelta(minutes=5)
_DIGEST_CHARS = 44  # SHA-256 in base64
_UNDONE = (
    ("%3A", ":"), ("%2F", "/"), ("%3F", "?"), ("%40", "@"), ("%21", "!"), ("%24", "$"), ("%27", "'"), ("%28", "("),
    ("%29", ")"), ("%2A", "*"), ("%2C", ","), ("%3B", ";"),
)  # fmt: skip


_SUBJECTS = {"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets"}
_TYPE_IDS = {
    "0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-5": "tickets", "0-27": "tasks", "0-46": "notes",
    "0-47": "meetings", "0-48": "calls", "0-49": "emails", "0-136": "leads",
}  # fmt: skip


class HookEvent(msgspec.Struct, frozen=True, rename="camel"):
    """One event that names a contact and a property, as far as we read it. `occurred_at` in milliseconds."""

    subscription_type: str
    object_id: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    portal_id: int
    property_name: str
    property_value: str
    occurred_at: int = 0

    @property
    def is_opt_out(self) -> bool:
        """The person behind a contact wants no more e-mail."""
        is_flag = self.subscription_type == "contact.propertyChange" and self.property_name == "hs_email_optout"
        return is_flag and self.property_value.lower() == "true"

    @property
    def digest(self) -> str:
        """The same for every delivery of one event."""
        told = (self.subscription_type, self.object_id, self.portal_id, self.occurred_at, self.property_name)
        return hashlib.sha256(msgspec.json.encode((*told, self.property_value))).hexdigest()


class RecordEvent(msgspec.Struct, frozen=True, rename="camel"):
    """One event of any kind that names a record, as far as we read it."""

    subscription_type: str
    object_id: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    portal_id: int
    object_type_id: str = ""

    @property
    def object_type(self) -> str:
        """Empty for what is no object of ours: custom objects bear numbers alone."""
        subject = self.subscription_type.partition(".")[0]
        return _SUBJECTS.get(subject) or _TYPE_IDS.get(self.object_type_id, "")


class News(msgspec.Struct, frozen=True):
    """What a delivery says: who opted out, and the records, `(object, id)`, of which it says anything."""

    opt_outs: list[HookEvent]
    records: frozenset[tuple[str, str]]


def is_in_form(*, signature: str, timestamp: str, now: datetime) -> bool:
    """Whether a delivery's headers alone leave it possible that HubSpot sent it, within five minutes of now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 15):
        return False
    if not (signature.isascii() and len(signature) == _DIGEST_CHARS):
        return False
    return abs(now.timestamp() * 1000 - int(timestamp)) <= WINDOW.total_seconds() * 1000


def is_signed(*, secret: str, signature: str, timestamp: str, uri: str, body: bytes, now: datetime) -> bool:
    """Whether the app's secret signed this very delivery (a POST to `uri`) within five minutes of now, either way."""
    if not is_in_form(signature=signature, timestamp=timestamp, now=now):
        return False
    for escaped, plain in _UNDONE:
        uri = uri.replace(escaped, plain)
    told = b"POST" + uri.encode() + body + timestamp.encode()
    expected = base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(expected, signature)


def read_news(body: bytes, *, portal_id: str) -> News:
    """What a batch says of this portal: an app has one address and one secret for all portals that installed it, and
    their records bear the same numbers. Raises ValueError for what is no batch of HubSpot's; an event that we cannot
    read, whatever its shape, keeps no other back."""
    if len(body) > MAX_BYTES:
        msg = f"a batch has at most {MAX_BYTES} bytes"
        raise ValueError(msg)
    try:
        items = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError("this is no batch of events") from error
    if len(items) > MAX_EVENTS:
        msg = f"a batch holds at most {MAX_EVENTS} events"
        raise ValueError(msg)
    ours = [event for event in _read_events(items, RecordEvent) if str(event.portal_id) == portal_id]
    changes = [event for event in _read_events(items, HookEvent) if str(event.portal_id) == portal_id]
    return News(
        opt_outs=[event for event in changes if event.is_opt_out],
        records=frozenset((event.object_type, str(event.object_id)) for event in ours if event.object_type),
    )


def _read_events(items: list[msgspec.Raw], shape: type[_Event]) -> Iterator[_Event]:
    """Those of this shape."""
    for item in items:
        try:
            yield msgspec.json.decode(item, type=shape, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError):  # other news bear other members
            continue
