"""What the portal tells others: events in batches, signed, sent at least once, in no particular order.

Signature v3: base64(HMAC-SHA256(client secret, method + URI + body + timestamp)), the URI with some of its escapes
undone.
"""

import base64
import hashlib
import hmac
import json
import random
from collections import deque
from typing import Any

import urllib3

from crm_connectors.simulators.hubspot.records import Source, StoredRecord
from crm_connectors.simulators.hubspot.standard_schema import OBJECT_TYPE_IDS

MAX_WAITING = 10_000
MAX_BATCH = 100
_SINGULAR = {"contacts": "contact", "companies": "company", "deals": "deal", "tickets": "ticket"}
_UNDONE = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}


class News:
    """Events that wait to be sent. The caller holds the portal's lock."""

    def __init__(self) -> None:
        self.waiting: deque[dict[str, Any]] = deque(maxlen=MAX_WAITING)
        self._count = 0

    def clear(self) -> None:
        self.waiting.clear()

    def tell(self, record: StoredRecord, kind: str, *, at: int, source: Source, name: str = "") -> None:
        """One event; ids are not unique by promise, but are here."""
        self._count += 1
        event: dict[str, Any] = {
            "eventId": self._count,
            "subscriptionId": 1,
            "portalId": 62515,
            "appId": 1_000_001,
            "occurredAt": at,
            "subscriptionType": f"{_SINGULAR.get(record.object, 'object')}.{kind}",
            "attemptNumber": 0,
            "objectId": int(record.id),
            "objectTypeId": OBJECT_TYPE_IDS[record.object],
            "changeSource": source.type,
            "sourceId": source.id,
        }
        if name:
            event |= {"propertyName": name, "propertyValue": record.values.get(name, "")}
        self.waiting.append(event)

    def take(self) -> list[dict[str, Any]]:
        """The next batch."""
        return [self.waiting.popleft() for _ in range(min(MAX_BATCH, len(self.waiting)))]


def sign_v3(secret: str, *, method: str, uri: str, body: str, timestamp: str) -> str:
    """The signature of one delivery. `timestamp` in milliseconds."""
    for escaped, plain in _UNDONE.items():
        uri = uri.replace(escaped, plain)
    source = f"{method}{uri}{body}{timestamp}".encode()
    return base64.b64encode(hmac.new(secret.encode(), source, hashlib.sha256).digest()).decode()


def send_events(
    events: list[dict[str, Any]], *, url: str, secret: str, now: int, is_doubled: bool = False, signed_url: str = ""
) -> list[int]:
    """Deliver a batch, shuffled, and with `is_doubled` twice; returns the statuses that came back.

    `signed_url` is the address as the receiver's people know it, where a proxy stands before it."""
    shuffled = random.sample(events, len(events))
    body = json.dumps(shuffled)
    timestamp = str(now)
    signature = sign_v3(secret, method="POST", uri=signed_url or url, body=body, timestamp=timestamp)
    headers = {
        "Content-Type": "application/json",
        "X-HubSpot-Signature-v3": signature,
        "X-HubSpot-Request-Timestamp": timestamp,
    }
    times = 2 if is_doubled else 1
    with urllib3.PoolManager(timeout=5.0, retries=False) as pool:
        return [pool.request("POST", url, body=body.encode(), headers=headers).status for _ in range(times)]
