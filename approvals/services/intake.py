"""Intake: a proposal becomes a request with its decision, in one transaction (DESIGN §5.1/§5.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from approvals.domain.proposed import Proposed
from governance.domain.decision import Decision


class IntakeError(Exception):
    """Base of what cannot be accepted as a request. `code` is stable; `http_status` what the API answers."""

    code = "intake_error"
    http_status = 422


class UnknownConnectionError(IntakeError):
    code = "unknown_connection"


class UnknownPropertyError(IntakeError):
    """An object or field that the registry does not know. `names` are the offending `object` or `object.field`."""

    code = "unknown_property"


class IdempotencyKeyReusedError(IntakeError):
    code = "idempotency_key_reused"


class RequestInFlightError(IntakeError):
    code = "request_in_flight"
    http_status = 409


class PendingLimitError(IntakeError):
    code = "pending_limit"
    http_status = 429


class LedgerUnavailableError(IntakeError):
    code = "audit_unavailable"
    http_status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What became of a proposal. `decision` is None while `status` is `evaluating` (the API answers 202)."""

    request_id: UUID
    status: str
    status_code: str
    is_replay: bool
    decision: Decision | None
    digest: str
    expires_at: datetime | None


def submit_request(*, principal: Any, proposal: Proposed, idempotency_key: str, now: datetime) -> Submission:
    """Accept one proposal of an agent; the same key and body again give the same answer (APR-02).

    `principal` is a `governance.selectors.principal.Principal`. Commits the request, its decision and their ledger events in
    one transaction. Raises IntakeError subclasses; then nothing was committed.
    """
    raise NotImplementedError
