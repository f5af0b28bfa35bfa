"""What HubSpot's webhooks say, and whether it is HubSpot that says it (signature v3).

Deliveries come at least once, in batches, shuffled; an event's id is not unique. Whatever matters is read again from
HubSpot: an event is a hint, not a fact.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

MAX_BYTES = 1_048_576
MAX_EVENTS = 100
WINDOW = timedelta(minutes=5)
_DIGEST_CHARS = 44  # SHA-256 in base64
_UNDONE = (
    ("%3A", ":"), ("%2F", "/"), ("%3F", "?"), ("%40", "@"), ("%21", "!"), ("%24", "$"), ("%27", "'"), ("%28", "("),
    ("%29", ")"), ("%2A", "*"), ("%2C", ","), ("%3B", ";"),
)  # fmt: skip


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


def read_opt_outs(body: bytes, *, portal_id: str) -> list[HookEvent]:
    """The opt-outs of this portal in a batch: an app has one address and one secret for all portals that installed it,
    and their contacts bear the same numbers. Raises ValueError for what is no batch of HubSpot's; an event that is none
    of these, whatever its shape, keeps no other back."""
    if len(body) > MAX_BYTES:
        msg = f"a batch has at most {MAX_BYTES} bytes"
        raise ValueError(msg)
    try:
        items = msgspec.json.decode(body, type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise ValueError("this is no batch of events") from error
    if len(items) > MAX_EVENTS:
        msg = f"a batch holds at most {MAX_EVENTS} events"
        raise ValueError(msg)
    return [event for event in _read_events(items) if event.is_opt_out and str(event.portal_id) == portal_id]


def _read_events(items: list[msgspec.Raw]) -> Iterator[HookEvent]:
    """Those of the shape of an opt-out."""
    for item in items:
        try:
            yield msgspec.json.decode(item, type=HookEvent, strict=False)
        except msgspec.DecodeError:  # other news bear other members
            continue
