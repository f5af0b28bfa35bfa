"""Batch decision: one person's word on up to fifty requests, ten at a time, each judged by itself (APR-06).

Every item goes through `cast_vote` with the digest that its row showed: what changed meanwhile, expired, was decided by
somebody else or is none of this person's voids itself and nothing beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from approvals.domain.batch_outcome import MOST_AT_ONCE, ItemOutcome, outcome_of_refusal
from approvals.domain.own_look import own_look_reason
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, BatchDecision
from approvals.services.pages.rows import show_rows
from approvals.services.review import cast_vote
from approvals.services.review_errors import AlreadyDecidedError, NotAnApproverError, ReviewError
from approvals.services.review_gate import Reviewer, find_reviewer, require_reviewer
from audit.domain.canonical import digest
from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.quorum import APPROVE, DENY
from governance.selectors.access import NotAllowedError, ensure_may_for_some

# An approval takes no lock but the request's. A denial gives back budgets: ten in one transaction could wait for each
# other across two batches, so each commits by itself.
_CHUNK = {APPROVE: 10, DENY: 1}

_FRESH = {
    Status.APPROVED: ItemOutcome.APPROVED,
    Status.DENIED: ItemOutcome.DENIED,
    Status.PENDING: ItemOutcome.WAITING,
    Status.CANCELLED: ItemOutcome.WAS_CANARY,
}


class BatchDecisionError(ValueError):
    """A batch decision that was not begun. `code` is stable."""

    code = "batch_decision_error"


class NothingChosenError(BatchDecisionError):
    code = "nothing_chosen"


class TooManyChosenError(BatchDecisionError):
    code = "too_many_chosen"


class BatchReasonMissingError(BatchDecisionError):
    """A denial says why."""

    code = "reason_missing"


@dataclass(frozen=True, slots=True)
class Choice:
    """A request, and the digest that its row showed."""

    request_id: UUID
    digest: str


@dataclass(frozen=True, slots=True)
class _World:
    """What was looked at before the first vote: the requests by id, and whose records were written since."""

    requests: dict[UUID, AgentActionRequest]
    drifted: frozenset[UUID]


def decide_batch(
    *,
    workspace_id: UUID,
    person_id: UUID,
    user_id: int,
    key: str,
    choices: Sequence[Choice],
    taken_out: Sequence[UUID],
    verdict: str,
    reason: str,
    now: datetime,
) -> UUID:
    """Vote on each request and keep what became of it; returns the id of the batch decision.

    Commits the manifest, then ten votes at a time (of a denial each one) with their outcomes, and with the last of them
    one `review.batch_decided`. The same key and manifest again, even at the same moment, is the same decision; one that
    broke off goes on where it stood. Raises NothingChosenError, TooManyChosenError, BatchReasonMissingError and
    NotAllowedError, and then nothing was done.
    """
    chosen = {choice.request_id: choice.digest for choice in choices}
    _require_sound(chosen, verdict, reason)
    ensure_may_for_some(user_id=user_id, permission="review_requests", workspace_id=workspace_id)
    manifest = [[str(request_id), chosen[request_id]] for request_id in sorted(chosen)]
    values = {
        "workspace_id": workspace_id,
        "user_id_seen": str(user_id),
        "verdict": verdict,
        "reason": reason,
        "manifest": manifest,
        "manifest_digest": digest(manifest),
        "taken_out": [str(request_id) for request_id in sorted(set(taken_out) - chosen.keys())],
        "created_at": now,
    }
    own_key = digest([key, verdict, manifest])
    row, _ = BatchDecision.objects.get_or_create(person_id=person_id, key=own_key, defaults=values)
    go_through(decision_id=row.pk, now=now)
    return row.pk


def go_through(*, decision_id: UUID, now: datetime) -> None:
    """Vote on what is left of a batch decision. Does nothing to a finished one."""
    row = BatchDecision.objects.get(pk=decision_id)
    if row.finished_at is not None:
        return
    world = _look(row, now)
    while _take_chunk(decision_id, world, now):
        pass


def _require_sound(chosen: dict[UUID, str], verdict: str, reason: str) -> None:
    if not chosen or verdict not in (APPROVE, DENY):
        raise NothingChosenError("nothing is selected")
    if len(chosen) > MOST_AT_ONCE:
        raise TooManyChosenError(f"at most {MOST_AT_ONCE} requests are decided together")
    if verdict == DENY and not reason:
        raise BatchReasonMissingError("a denial says why")


def _look(row: BatchDecision, now: datetime) -> _World:
    """Reads local CRMs, so before any transaction. What a remote CRM holds is compared when it is written."""
    ids = [UUID(item[0]) for item in row.manifest]
    rows = AgentActionRequest.objects.filter(pk__in=ids, workspace_id=row.workspace_id)
    found = list(rows.select_related("agent", "connection", "person"))
    shown = show_rows(found, now=now) if row.verdict == APPROVE else ()
    return _World({item.pk: item for item in found}, frozenset(item.request.pk for item in shown if item.is_drifted))


def _take_chunk(decision_id: UUID, world: _World, now: datetime) -> bool:
    """Vote on the next few; False when none was left. Two at once take turns and share the work."""
    with transaction.atomic():
        rows = BatchDecision.objects.select_for_update(of=("self",)).select_related("workspace")
        row = rows.get(pk=decision_id)
        if row.finished_at is not None:
            return False
        begun, reviewer = len(row.outcomes), _reviewer(row)
        for item in row.manifest[begun : begun + _CHUNK[row.verdict]]:
            row.outcomes.append(_decide(row, item, world, reviewer, now))
        if len(row.outcomes) == len(row.manifest):
            row.finished_at = now
            append_event(_manifest_event(row), now=now)
        row.save(update_fields=["outcomes", "finished_at"])
        return row.finished_at is None


def _reviewer(row: BatchDecision) -> Reviewer | None:
    """Whether the login may review, asked once for a chunk; None when not, and then each vote is refused by itself."""
    try:
        return find_reviewer(person_id=row.person_id, user_id=int(row.user_id_seen), workspace_id=row.workspace_id)
    except NotAnApproverError:
        return None


def _decide(
    row: BatchDecision, item: list[str], world: _World, reviewer: Reviewer | None, now: datetime
) -> dict[str, str]:
    request_id, seen = UUID(item[0]), item[1]
    request = world.requests.get(request_id)
    if request is None:
        return {"outcome": ItemOutcome.NOT_FOUND}
    try:
        if reviewer is None:  # who may not review it learns nothing of it, its risk and its record included
            require_reviewer(request, row.person_id, int(row.user_id_seen))
        if row.verdict == APPROVE and own_look_reason(request.action, request.risk_tier):
            return {"outcome": ItemOutcome.NEEDS_LOOK}
        if request_id in world.drifted and request.status == Status.PENDING:
            return {"outcome": ItemOutcome.RECORD_CHANGED}
        result = cast_vote(
            request_id=request_id,
            person_id=row.person_id,
            user_id=int(row.user_id_seen),
            digest=seen,
            verdict=row.verdict,
            reason=row.reason,
            now=now,
            reviewer=reviewer,
        )
    except (ReviewError, NotAllowedError) as error:
        return _refused(error)
    return {"outcome": ItemOutcome.VOTED_BEFORE if result.is_repeat else _FRESH[Status(result.status)]}


def _refused(error: ReviewError | NotAllowedError) -> dict[str, str]:
    told = {"outcome": str(outcome_of_refusal(error.code)), "code": error.code}
    return told | ({"by": error.decided_by} if isinstance(error, AlreadyDecidedError) else {})


def _manifest_event(row: BatchDecision) -> NewEvent:
    """INVARIANT: one for each batch decision, in the transaction of its last votes."""
    data: dict[str, Any] = {
        "verdict": row.verdict,
        "manifest": row.manifest_digest,
        "items": [[*item, outcome["outcome"]] for item, outcome in zip(row.manifest, row.outcomes, strict=True)],
        "taken_out": row.taken_out,
        "login": row.user_id_seen,
    }
    return NewEvent(
        type="review.batch_decided",
        workspace=row.workspace.slug,
        actor=Actor("human", str(row.person_id)),
        subject=Subject("batch_decision", str(row.pk)),
        correlation_id=str(row.pk),
        data=data,
        values={"reason": row.reason} if row.reason else {},
    )
