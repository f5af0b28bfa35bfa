"""Proposed: what every typed proposal boils down to before it is judged. The doors' schemas turn into this value."""

import msgspec

from audit.domain.canonical import canonical_bytes
from governance.domain.facts import EvidenceFacts, JsonValue, UsageFacts


class VersionClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent says it is running (IDN-03)."""

    model: str
    prompt_template: str
    prompt_hash: str
    tools_hash: str


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted proposal. `body` is the whole JSON as accepted (builtins only), the source of the fingerprint.

    `target_object` and `target_id` are what the agent pointed at; `changes` are the fields to write: of the target for
    `update`, of the new record for `create`, `create_task`, `create_note`, `draft` and `queue` (whose target is what
    the new record hangs on, `target_id` None when on nothing).
    """

    connection: str
    action: str
    target_object: str
    target_id: str | None
    changes: dict[str, JsonValue]
    expected: dict[str, JsonValue] = {}
    reason_code: str
    justification: str
    confidence: float
    evidence: EvidenceFacts
    agent_version: VersionClaim
    correlation_id: str
    source_workflow: str = ""
    risk_flags: tuple[str, ...] = ()
    on_behalf_of: str = ""
    usage: UsageFacts | None = None
    body: dict[str, JsonValue]

    def canonical_body(self) -> bytes:
        """RFC 8785 bytes of the whole body."""
        return canonical_bytes(self.body)
