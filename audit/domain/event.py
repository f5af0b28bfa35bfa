"""What is appended to the ledger: one closed shape for every event type (AUD-02)."""

from typing import Any

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """Who did it. `type` is `agent`, `human` or `system`; `id` its stable name, never a secret."""

    type: str
    id: str


class Subject(msgspec.Struct, frozen=True):
    """What it happened to: `("request", "0198…")`, `("kill_switch", …)`."""

    type: str
    id: str


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event before it has an id, a time and a leaf.

    `data` is stored in the canonical body for ever: ids, codes, digests, names of fields; JSON within RFC 8785's domain
    (integers within ±(2**53 - 1), no NaN). `values` may hold personal data (field values, free text): the body carries
    only a salted commitment to each member, the value itself lies in an erasable side table.
    """

    type: str
    workspace: str
    actor: Actor
    subject: Subject
    correlation_id: str
    data: dict[str, Any] = {}
    values: dict[str, Any] = {}
