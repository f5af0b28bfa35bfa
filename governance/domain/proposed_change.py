"""A two-person change as plain values, and the hash that is countersigned."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from audit.domain.canonical import canonical_bytes

Payload = dict[str, Any]
"""JSON: ids as text, old and new values, and whatever a later check needs to see that nothing changed meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedChange:
    """One proposal as its kind sees it. `countersigned_by` is None until it is applied."""

    id: UUID
    workspace_id: UUID
    kind: str
    subject: str
    reason: str
    proposed_by: UUID
    countersigned_by: UUID | None = None


def change_digest(*, workspace: str, kind: str, subject: str, payload: Payload) -> str:
    """`sha256:…` over the canonical JSON of the change. Source: RFC 8785."""
    body = {"workspace": workspace, "kind": kind, "subject": subject, "payload": payload}
    return f"sha256:{sha256(canonical_bytes(body)).hexdigest()}"
