"""Review: one person's vote on one digest (APR-04, APR-05, APR-07).

Fourth of the six files that tell one request's way (docs/architecture.md). A vote is on the action digest: the request,
its record as it was read, the exact patch. Another patch has another digest, which this vote says nothing of. The vote
that completes what the decision requires makes the request `approved`; a worker is nudged after the commit and calls
`approvals.services.execution`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from approvals.dispatch import nudge
from approvals.domain.canary import CANARY, CanaryOutcome
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Vote
from approvals.selectors.quorum import Bench, get_quorum, get_requirement
from approvals.services.canary_settling import settle_canary
from approvals.services.claim import NOT_EXPIRED, lock_request
from approvals.services.events import request_event
from approvals.services.review_errors import (
    AlreadyDecidedError,
    AlreadyVotedError,
    ApprovalExpiredError,
    DiffChangedError,
    InvalidVerdictError,
    NotAnApproverError,
    RequestNotFoundError,
    ReviewError,
    SelfApprovalError,
)
from approvals.services.review_gate import (
    Reviewer,
    find_seating,
    require_eligible,
    require_open,
    require_reviewer,
)
from approvals.services.transition import advance
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.domain.quorum import APPROVE, DENY, QuorumState

__all__ = [
    "AlreadyDecidedError",
    "AlreadyVotedError",
    "ApprovalExpiredError",
    "DiffChangedError",
    "InvalidVerdictError",
    "NotAnApproverError",
    "RequestNotFoundError",
    "ReviewError",
    "SelfApprovalError",
    "VoteResult",
    "cast_vote",
    "count_vote",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteResult:
    """`status` of the request after the vote; `missing_groups` and `missing_count` what an approval still lacks.

    `canary` is how it ended where the request was one of ours that must be denied, else None.
    """

    status: str
    is_repeat: bool
    canary: CanaryOutcome | None = None
    missing_groups: tuple[str, ...] = ()
    missing_count: int = 0


def cast_vote(
    *,
    request_id: UUID,
    person_id: UUID,
    user_id: int,
    digest: str,
    verdict: str,
    reason: str,
    now: datetime,
    reviewer: Reviewer | None = None,
) -> VoteResult:
    """Count one person's `approve` or `deny` on the digest that they saw. The first deciding commit wins.

    The login must be the person's and needs `review_requests` on the workspace or for the agent; `reviewer` says that
    this was found out in the same transaction already, where several votes are cast in it. Commits vote, transition and
    ledger events in one transaction, under the row's lock. Raises ReviewError subclasses.
    """
    if verdict not in (APPROVE, DENY):
        raise InvalidVerdictError(f"`{verdict}` is neither `approve` nor `deny`")
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None:
            raise RequestNotFoundError("no such request")
        if reviewer != Reviewer(person_id, user_id, request.workspace_id):
            require_reviewer(request, person_id, user_id)
        earlier = _find_earlier(request, person_id, digest)
        if earlier is not None and earlier.verdict == verdict and digest == request.digest:
            return VoteResult(status=request.status, is_repeat=True)
        require_open(request, digest)
        seating = require_eligible(request, person_id)
        if earlier is not None:
            raise AlreadyVotedError("your vote on this patch is cast; it cannot be changed")
        cast = Vote(
            request=request,
            person_id=person_id,
            user_id_seen=str(user_id),
            digest=request.digest,
            verdict=verdict,
            reason=reason,
            seats=seating.seats,
            created_at=now,
        )
        _record(request, cast)
        return _conclude(request, cast, seating.bench)


def _find_earlier(request: AgentActionRequest, person_id: UUID, digest: str) -> Vote | None:
    """This person's vote on this digest. What is no digest has no votes, and need not be text that a database takes."""
    if "\x00" in digest:
        return None
    return Vote.objects.filter(request=request, person_id=person_id, digest=digest).first()


def count_vote(request: AgentActionRequest, cast: Vote) -> VoteResult:
    """Write a vote that may be cast, and settle the request if it is the last one that it takes.

    The same vote of this person on this digest counts as it stands: a correction may lead back to what they had agreed
    to. Runs in the caller's transaction, under the row's lock. Raises ApprovalExpiredError.
    """
    if _find_earlier(request, cast.person_id, cast.digest) is None:
        _record(request, cast)
    return _conclude(request, cast)


def _record(request: AgentActionRequest, cast: Vote) -> None:
    cast.seats = cast.seats or find_seating(request, cast.person_id).seats
    cast.save(force_insert=True)
    data = {"verdict": cast.verdict, "digest": cast.digest, "login": cast.user_id_seen, "seats": cast.seats}
    values = {"reason": cast.reason} if cast.reason else None
    event = request_event(request, "request.voted", _person(cast.person_id), data=data, values=values)
    append_event(event, now=cast.created_at)


def _conclude(request: AgentActionRequest, cast: Vote, bench: Bench | None = None) -> VoteResult:
    """`bench`: who may speak, where this transaction has asked it already."""
    if request.actor_type == CANARY:
        is_denied = cast.verdict == DENY
        end = settle_canary(
            request, person_id=cast.person_id, is_denied=is_denied, is_caught=is_denied, now=cast.created_at
        )
        return VoteResult(status=end.status, is_repeat=False, canary=end.outcome)
    state = get_quorum(request, get_requirement(request), digest=request.digest, bench=bench)
    if cast.verdict == DENY:
        _decide(request, Status.DENIED, state, cast)
        return VoteResult(status=Status.DENIED, is_repeat=False)
    if not state.is_met:
        return VoteResult(
            status=Status.PENDING,
            is_repeat=False,
            missing_groups=state.missing_groups,
            missing_count=state.missing_count,
        )
    _decide(request, Status.APPROVED, state, cast)
    nudge("execute", request.pk)
    return VoteResult(status=Status.APPROVED, is_repeat=False)


def _decide(request: AgentActionRequest, new: Status, state: QuorumState, cast: Vote) -> None:
    data = {"digest": request.digest, "approvers": list(state.approvers), "deniers": list(state.deniers)}
    is_first = advance(
        request_id=request.pk,
        expected=Status.PENDING,
        new=new,
        code="denied_by_person" if new is Status.DENIED else "",
        now=cast.created_at,
        event=request_event(request, f"request.{new}", _person(cast.person_id), data=data),
        conditions=Q(digest=request.digest) & NOT_EXPIRED,
        decided_by=f"person:{cast.person_id}",
        decided_at=cast.created_at,
    )
    if not is_first:
        raise ApprovalExpiredError("the request expired while you voted")


def _person(person_id: UUID) -> Actor:
    return Actor("human", str(person_id))
