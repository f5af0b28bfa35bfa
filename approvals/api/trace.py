"""The trace as JSON: who, scope, policy version, diff, votes, attempts and the ledger's events (AUD-03)."""

from collections.abc import Set
from typing import Any

import msgspec

from approvals.api.representation import Representation, hidden_fields_of, represent_request
from approvals.domain.reading import MASK
from approvals.models import AgentActionRequest, Attempt, Vote
from approvals.selectors.trace import Trace
from audit.models import LedgerEvent


def represent_trace(trace: Trace) -> Representation:
    """Everything that the one-screen trace of the console shows."""
    request = trace.request
    return {
        "request": represent_request(request),
        "who": _who(request),
        "proposal": request.body,
        "fingerprint": request.fingerprint,
        "idempotency_key": request.idempotency_key,
        "votes": [_vote(vote) for vote in trace.votes],
        "attempts": [_attempt(attempt, hidden_fields_of(request)) for attempt in trace.attempts],
        "reverts": [{"id": row.id, "status": row.status} for row in trace.reverts],
        "events": [_event(event) for event in trace.events],
    }


def _who(request: AgentActionRequest) -> Representation:
    version = request.agent_version
    return {
        "actor_type": request.actor_type,
        "agent": request.agent.name if request.agent else None,
        "credential": request.credential_id,
        "agent_version": version.fingerprint if version else None,
        "environment": request.connection.environment,
    }


def _vote(vote: Vote) -> Representation:
    """The person by id: an agent needs to know that someone decided, not who to talk to."""
    return {
        "person": vote.person_id,
        "verdict": vote.verdict,
        "digest": vote.digest,
        "reason": vote.reason,
        "created_at": vote.created_at,
    }


def _attempt(attempt: Attempt, hidden: Set[str]) -> Representation:
    return {
        "epoch": attempt.epoch,
        "point": attempt.point,
        "guarantee": attempt.guarantee,
        "before": _masked(attempt.before, hidden),
        "after": _masked(attempt.after, hidden),
        "record_id": attempt.result_record_id or None,
        "error": {"code": attempt.error_code, "detail": attempt.error_message} if attempt.error_code else None,
        "claimed_at": attempt.claimed_at,
        "sent_at": attempt.sent_at,
        "verified_at": attempt.verified_at,
        "finished_at": attempt.finished_at,
    }


def _masked(values: dict[str, Any], hidden: Set[str]) -> dict[str, Any]:
    """What the record held before and after: the CRM's values, whoever wrote them."""
    return {name: MASK if name in hidden and value is not None else value for name, value in values.items()}


def _event(event: LedgerEvent) -> Representation:
    """The canonical body as it was hashed; `leaf_hash` lets anyone check the proof."""
    body: dict[str, Any] = msgspec.json.decode(bytes(event.body))
    return {**body, "leaf_hash": bytes(event.leaf_hash).hex(), "proof": f"/api/v1/ledger/proof/{event.id}/"}
