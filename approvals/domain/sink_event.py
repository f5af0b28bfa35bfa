"""A ledger's event as other systems' logs take it: body, place and hash, no erasable value (AUD-05).

Sources: RFC 5424 §6 (syslog), RFC 6587 §3.4.1 (octet counting), OpenTelemetry "Logs Data Model" and OTLP/HTTP 1.x.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

MAX_DATAGRAM = 8_192
_LOCAL0_NOTICE = 16 * 8 + 5
_INFO = 9  # SeverityNumber of OpenTelemetry
_BODY_LEFT_OUT = b'{"left_out":"larger than a datagram; the ledger has it"}'


class SinkEvent(NamedTuple):
    """One leaf as it is sent. `body` are the canonical bytes, which are JSON in one line."""

    leaf_index: int
    leaf_hash: bytes
    id: str
    type: str
    at: datetime
    body: bytes


def json_line(event: SinkEvent) -> bytes:
    """`{"leaf_index","leaf_hash","event"}` and a line feed; `event` are the very bytes that were hashed."""
    return b'{"leaf_index":%d,"leaf_hash":"%s","event":%s}\n' % (
        event.leaf_index,
        event.leaf_hash.hex().encode(),
        event.body,
    )


def syslog_message(event: SinkEvent, *, host: str, longest: int = 0) -> bytes:
    """One RFC 5424 message, facility local0, severity notice. `longest` in bytes, 0 for no end: a body that would not
    fit is left out whole and said so, never cut."""
    body = event.body
    head = _syslog_head(event, host)
    if longest and len(head) + len(body) > longest:
        body = _BODY_LEFT_OUT
    return head + body


def _syslog_head(event: SinkEvent, host: str) -> bytes:
    stamp = event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    place = f'[ledger@32473 leaf="{event.leaf_index}" hash="{event.leaf_hash.hex()}" id="{event.id}"]'
    # The body is ASCII or UTF-8 without control characters: canonical JSON escapes them. RFC 5424 §6.4 wants the mark.
    return f"<{_LOCAL0_NOTICE}>1 {stamp} {host} countersign - {event.type[:32]} {place} \ufeff".encode()


def otlp_request(events: Sequence[SinkEvent]) -> bytes:
    """An ExportLogsServiceRequest in OTLP's JSON encoding: numbers of 64 bits as texts, times in nanoseconds."""
    return msgspec.json.encode(
        {
            "resourceLogs": [
                {
                    "resource": {"attributes": [_attribute("service.name", "countersign")]},
                    "scopeLogs": [
                        {"scope": {"name": "countersign.ledger"}, "logRecords": [_record(e) for e in events]}
                    ],
                }
            ]
        }
    )


def _record(event: SinkEvent) -> dict[str, Any]:
    nanoseconds = str(int(event.at.timestamp() * 1_000_000) * 1_000)
    return {
        "timeUnixNano": nanoseconds,
        "observedTimeUnixNano": nanoseconds,
        "severityNumber": _INFO,
        "severityText": "INFO",
        "eventName": event.type,
        "body": {"stringValue": event.body.decode()},
        "attributes": [
            _attribute("ledger.leaf_index", event.leaf_index),
            _attribute("ledger.leaf_hash", event.leaf_hash.hex()),
            _attribute("ledger.event_id", event.id),
        ],
    }


def _attribute(key: str, value: str | int) -> dict[str, Any]:
    kind = {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}
    return {"key": key, "value": kind}


def rejected_count(answer: bytes) -> int:
    """How many records an OTLP answer refuses, -1 for an answer that cannot be read. An empty one refuses none."""
    try:
        partial = (msgspec.json.decode(answer) if answer.strip() else {}).get("partialSuccess") or {}
        return int(partial.get("rejectedLogRecords") or 0)
    except (msgspec.DecodeError, AttributeError, TypeError, ValueError):
        return -1
