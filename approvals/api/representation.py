"""How requests look over the API: one stable shape, whatever they went through."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from approvals.domain.ask import written_id, written_object
from approvals.domain.batch_outcome import batch_status
from approvals.domain.patch import Patch, read_patch
from approvals.domain.proposed import Proposed
from approvals.domain.reading import mask_before
from approvals.domain.status import TERMINAL, Status
from approvals.models import AgentActionRequest
from approvals.selectors.corrections import as_proposed
from approvals.selectors.hidden_fields import get_hidden_fields
from approvals.selectors.requests import load_decision
from approvals.selectors.written import list_feedback
from approvals.services.batch import BatchItem, BatchSubmission
from approvals.services.intake import Submission
from approvals.services.preview import Preview
from audit.domain.event import Subject
from audit.selectors.events import list_events
from governance.domain.decision import Decision, FieldChange, Outcome, Requirement
from governance.domain.vocabulary import Action

ROOT = "/api/v1"

Representation = dict[str, Any]


def request_path(request_id: object) -> str:
    return f"{ROOT}/action-requests/{request_id}/"


def represent_submission(submission: Submission, proposal: Proposed, *, created_at: datetime) -> Representation:
    """The answer to a proposal, from what intake knows: no further query."""
    decision = submission.decision
    return _shape(
        id=submission.request_id,
        status=submission.status,
        status_code=submission.status_code,
        connection=proposal.connection,
        action=proposal.action,
        target={"object": proposal.target_object, "id": proposal.target_id},
        correlation_id=proposal.correlation_id,
        decision=represent_decision(decision) if decision else None,
        patch=_shown_patch(decision.patch, decision.policy_version, proposal) if decision else [],
        digest=submission.digest or None,
        record_id=written_id(proposal) or None,
        created_at=created_at,
        expires_at=submission.expires_at,
        decided_at=created_at if decision else None,
        finished_at=created_at if submission.status in TERMINAL else None,
    )


def represent_request(row: AgentActionRequest) -> Representation:
    """A stored request. Expects `connection` joined."""
    return _shape(
        id=row.id,
        status=row.status,
        status_code=row.status_code,
        connection=row.connection.name,
        action=row.action,
        target={"object": row.target_object, "id": row.target_id or None},
        correlation_id=row.correlation_id,
        decision=_stored_decision(row),
        patch=mask_before(read_patch(row.patch), hidden_fields_of(row)),
        digest=row.digest or None,
        record_id=row.record_id or None,
        batch=row.batch_id,
        reverses=row.reverses_id,
        corrected=_corrected(row),
        attempts=row.attempts_count,
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        finished_at=row.finished_at,
    )


def represent_followed(row: AgentActionRequest) -> Representation:
    """A stored request, with what became of its values. One more query once it was executed."""
    is_done = row.status in (Status.EXECUTED, Status.REVERTED)
    feedback = list_feedback(row.pk) if is_done else ()
    return represent_request(row) | {"feedback": [{"kind": "overwritten", "field": f, "at": at} for f, at in feedback]}


def represent_first_answer(row: AgentActionRequest) -> Representation:
    """What the proposal was answered with, whatever has become of it since: a repeat gets the same answer (APR-02)."""
    row = as_proposed(row)
    now = represent_request(row)
    if not _was_decided_at_once(row):  # by a worker, later
        undecided = dict.fromkeys(("decision", "digest", "expires_at", "decided_at", "finished_at"))
        return now | undecided | _UNTOUCHED | {"status": Status.EVALUATING, "status_code": "", "patch": []}
    if row.finished_at == row.created_at:  # denied or in conflict from the beginning
        return now
    status = Status.PENDING if row.outcome == Outcome.REQUIRE_APPROVAL else Status.APPROVED
    return now | {
        "status": status,
        "status_code": "",
        "record_id": row.target_id if row.action == Action.UPDATE else None,
        "attempts": 0,
        "decided_at": row.created_at,  # what a person decided since has moved it
        "finished_at": None,
    }


def _was_decided_at_once(row: AgentActionRequest) -> bool:
    """Whether the engine judged it with its intake. The row forgets when a person decides; the ledger does not."""
    if row.decided_at == row.created_at:
        return True
    decided = list_events(subject=Subject("request", str(row.pk)), type="request.decided")
    return any(event.at == row.created_at for event in decided)


def represent_decision(decision: Decision) -> Representation:
    """A decision with its reasons first: the checks that did not simply pass."""
    return {
        "outcome": decision.outcome,
        "policy_version": decision.policy_version,
        "risk_tier": decision.risk_tier,
        "reasons": decision.reasons,
        "redirects": decision.redirects,
        "requirement": _requirement(decision.requirement),
        "retry_after_seconds": decision.retry_after_seconds,
        "checks": decision.checks,
    }


def represent_preview(preview: Preview, proposal: Proposed) -> Representation:
    return {
        "status": preview.status,
        "decision": represent_decision(preview.decision),
        "patch": _shown_patch(preview.decision.patch, preview.decision.policy_version, proposal),
        "drift": preview.drift,
        "is_record_read": preview.is_record_read,
        "blast_radius": {
            "records": preview.records_touched,
            "fields": preview.fields_touched,
            "sets_off": [
                {"name": effect.path.name, "kind": effect.path.kind, "because": effect.because, "depth": effect.depth}
                for effect in preview.effects
            ],
        },
    }


def hidden_fields_of(row: AgentActionRequest) -> frozenset[str]:
    """Fields of the record whose values its agent is not told. Expects `connection` joined."""
    return get_hidden_fields(
        policy_version=str(row.decision.get("policy_version", "")),
        connection=row.connection.name,
        object_type=row.object_type,
    )


def _shown_patch(patch: Patch, policy_version: str, proposal: Proposed) -> list[FieldChange]:
    hidden = get_hidden_fields(
        policy_version=policy_version, connection=proposal.connection, object_type=written_object(proposal)
    )
    return mask_before(patch, hidden)


def represent_batch(submission: BatchSubmission) -> Representation:
    return {
        "id": submission.batch_id,
        "status": _batch_status(submission),
        "manifest_digest": submission.manifest_digest,
        "items": [_batch_item(item) for item in submission.items],
        "links": {
            "self": f"{ROOT}/action-requests/batch/{submission.batch_id}/",
            "requests": f"{ROOT}/action-requests/?batch={quote(str(submission.batch_id))}",
        },
    }


def _batch_status(submission: BatchSubmission) -> str:
    refused = sum(1 for item in submission.items if item.error_code)
    return batch_status((item.status for item in submission.items if not item.error_code), refused=refused)


def _batch_item(item: BatchItem) -> Representation:
    error = {"code": item.error_code, "detail": item.error_message} if item.error_code else None
    return {
        "position": item.position,
        "id": item.request_id,
        "status": item.status or None,
        "status_code": item.status_code,
        "error": error,
    }


_UNTOUCHED: Representation = {"batch": None, "reverses": None, "corrected": None, "attempts": 0}


def _corrected(row: AgentActionRequest) -> Representation | None:
    """APR-12: what a reviewer changed, by field; the values are in `patch`. No query: it is one of the facts judged."""
    found = row.facts.get("correction")
    return {name: found[name] for name in ("fields", "left_out", "at")} if found else None


def _shape(*, id: object, **members: Any) -> Representation:  # noqa: A002  # the member's name
    own = request_path(id)
    return {
        "id": id,
        **_UNTOUCHED,
        **members,
        "links": {"self": own, "trace": f"{own}trace/", "cancel": f"{own}cancel/"},
    }


def _stored_decision(row: AgentActionRequest) -> Representation | None:
    decision = load_decision(row)
    return None if decision is None else represent_decision(decision)


def _requirement(requirement: Requirement | None) -> Representation | None:
    if requirement is None:
        return None
    return {"groups": requirement.groups, "one_of": requirement.alternatives, "count": requirement.count}
