"""What HubSpot's webhooks say, and whether it is HubSpot that says it (signature v3).

Deliveries come at least once, in batches, shuffled; an event's id is not unique. Whatever matters is read again from
HubSpot: an event is a hint, not a fact.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

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
    """One event, as far as we read it. `occurred_at` in milliseconds."""

    subscription_type: str
    object_id: int
    portal_id: int = 0
    occurred_at: int = 0
    property_name: str = ""
    property_value: str = ""

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


def read_events(body: bytes) -> list[HookEvent]:
    """Raises ValueError for what is no batch of HubSpot's."""
    if len(body) > MAX_BYTES:
        msg = f"a batch has at most {MAX_BYTES} bytes"
        raise ValueError(msg)
    try:
        events = msgspec.json.decode(body, type=list[HookEvent])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ValueError("this is no batch of events") from error
    if len(events) > MAX_EVENTS:
        msg = f"a batch holds at most {MAX_EVENTS} events"
        raise ValueError(msg)
    return events
