"""Batch decision: one person's word on up to fifty requests, ten at a time, each judged by itself (APR-06).

Every item is voted on by `cast_votes` with the digest that its row showed: what changed meanwhile, expired, was decided
by somebody else or is none of this person's voids itself and nothing beside it.
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
from approvals.services.review import VoteResult, cast_votes
from approvals.services.review_errors import AlreadyDecidedError, NotAnApproverError, ReviewError
from approvals.services.review_gate import Reviewer, find_reviewer, not_a_reviewer
from audit.domain.canonical import digest
from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.quorum import APPROVE, DENY
from governance.selectors.access import ensure_may_for_some

_CHUNK = 10

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

    Commits the manifest, then ten votes at a time with their outcomes, and with the last of them one
    `review.batch_decided`. The same key and manifest again, even at the same moment, is the same decision; one that
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
    found = list(rows.select_related("agent", "connection", "person", "reverses"))
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
        row.outcomes += _decide(row, row.manifest[begun : begun + _CHUNK], world, reviewer, now)
        if len(row.outcomes) == len(row.manifest):
            row.finished_at = now
            append_event(_manifest_event(row), now=now)
        row.save(update_fields=["outcomes", "finished_at"])
        return row.finished_at is None


def _reviewer(row: BatchDecision) -> Reviewer | None:
    """What the login may review, asked once for a chunk; None for nothing, and then each vote is refused by itself."""
    try:
        return find_reviewer(person_id=row.person_id, user_id=int(row.user_id_seen), workspace_id=row.workspace_id)
    except NotAnApproverError:
        return None


def _decide(
    row: BatchDecision, items: list[list[str]], world: _World, reviewer: Reviewer | None, now: datetime
) -> list[dict[str, str]]:
    """What became of each, in the order of `items`."""
    seen = {UUID(request_id): digest for request_id, digest in items}
    aside = {request_id: _set_aside(request_id, row.verdict, world, reviewer) for request_id in seen}
    told = {request_id: outcome for request_id, outcome in aside.items() if outcome is not None}
    if reviewer is not None:
        answers = cast_votes(
            seen={request_id: digest for request_id, digest in seen.items() if request_id not in told},
            reviewer=reviewer,
            verdict=row.verdict,
            reason=row.reason,
            now=now,
        )
        told |= {request_id: _outcome(answer) for request_id, answer in answers.items()}
    return [told[request_id] for request_id in seen]


def _set_aside(request_id: UUID, verdict: str, world: _World, reviewer: Reviewer | None) -> dict[str, str] | None:
    """Why there is no vote on it, None where there may be one. Who may not review it learns nothing of it, its risk and
    its record included."""
    request = world.requests.get(request_id)
    if request is None:
        return {"outcome": ItemOutcome.NOT_FOUND}
    if reviewer is None or not reviewer.may_review(request):
        return _refused(not_a_reviewer())
    if verdict == APPROVE and own_look_reason(request.action, request.risk_tier):
        return {"outcome": ItemOutcome.NEEDS_LOOK}
    if request_id in world.drifted and request.status == Status.PENDING:
        return {"outcome": ItemOutcome.RECORD_CHANGED}
    return None


def _outcome(answer: VoteResult | ReviewError) -> dict[str, str]:
    if isinstance(answer, ReviewError):
        return _refused(answer)
    return {"outcome": ItemOutcome.VOTED_BEFORE if answer.is_repeat else _FRESH[Status(answer.status)]}


def _refused(error: ReviewError) -> dict[str, str]:
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
