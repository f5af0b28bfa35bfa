"""What is handed out as proof of single events: a C2SP tlog-proof, and a bundle of all events of one subject.

    c2sp.org/tlog-proof@v1
    extra <base64 of the event's body>
    index <leaf index>
    <base64 hash, leaf → root>            a line each
    <blank line>
    <signed checkpoint>

A bundle is one JSON object in one spelling (members sorted, no white space, UTF-8 as it is):
`{"checkpoint", "countersign_bundle": 1, "events": [{"body", "hashes", "index", "values"}], "subject": {"id", "type"}}`.
Source: C2SP tlog-proof.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.domain.body import ErasableValue
from audit.domain.event import Subject

BUNDLE_VERSION = 1


@dataclass(frozen=True, slots=True)
class ProvenEvent:
    """One event with what proves it. `hashes`: 32 bytes each, leaf → root; `values` those that leave with it."""

    index: int
    body: bytes
    hashes: tuple[bytes, ...]
    values: Mapping[str, ErasableValue]


def format_receipt(event: ProvenEvent, note: str) -> bytes:
    """One event and its proof under the signed `note`, as C2SP tlog-proof; the event's body is the extra data."""
    lines = ["c2sp.org/tlog-proof@v1", f"extra {_base64(event.body)}", f"index {event.index}"]
    return "\n".join([*lines, *map(_base64, event.hashes), "", note]).encode()


def format_bundle(subject: Subject, events: Sequence[ProvenEvent], note: str) -> bytes:
    """All `events` of a subject, in the order of their leaves, under one signed `note`."""
    bundle = {
        "countersign_bundle": BUNDLE_VERSION,
        "subject": {"type": subject.type, "id": subject.id},
        "checkpoint": note,
        "events": [
            {
                "index": event.index,
                "body": event.body.decode(),
                "hashes": [_base64(item) for item in event.hashes],
                "values": format_values(event.values),
            }
            for event in events
        ],
    }
    return one_spelling(bundle)


def format_values(values: Mapping[str, ErasableValue]) -> dict[str, dict[str, str]]:
    """Name → salt in hex and the canonical text whose salted hash the event commits to."""
    return {name: {"salt": kept.salt, "text": bytes(kept.value).decode()} for name, kept in values.items()}


def one_spelling(value: object) -> bytes:
    """JSON that any program writes alike: sorted members, no white space, UTF-8. Holds no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
