"""Review: one person's vote on one digest (APR-04, APR-05, APR-07)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from approvals.dispatch import nudge
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Vote
from approvals.selectors.quorum import get_excluded, get_memberships, get_quorum, get_requirement
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
from approvals.services.transition import advance
from audit.domain.event import Actor
from audit.services.append import append_event
from governance.domain.quorum import APPROVE, DENY, QuorumState
from governance.models import User
from governance.selectors.access import NotAllowedError, ensure_may

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
]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteResult:
    """`status` of the request after the vote; `missing_groups` and `missing_count` what an approval still lacks."""

    status: str
    is_repeat: bool
    missing_groups: tuple[str, ...] = ()
    missing_count: int = 0


def cast_vote(
    *, request_id: UUID, person_id: UUID, user_id: int, digest: str, verdict: str, reason: str, now: datetime
) -> VoteResult:
    """Count one person's `approve` or `deny` on the digest that they saw. The first deciding commit wins.

    The login must be the person's and needs `review_requests` on the workspace. Commits vote, transition and ledger
    events in one transaction, under the row's lock. Raises ReviewError subclasses.
    """
    if verdict not in (APPROVE, DENY):
        raise InvalidVerdictError(f"`{verdict}` is neither `approve` nor `deny`")
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None:
            raise RequestNotFoundError("no such request")
        _require_reviewer(request, person_id, user_id)
        earlier = _find_earlier(request, person_id, digest)
        if earlier is not None and earlier.verdict == verdict:
            return VoteResult(status=request.status, is_repeat=True)
        _require_open(request, digest)
        _require_eligible(request, person_id)
        if earlier is not None:
            raise AlreadyVotedError("your vote on this patch is cast; it cannot be changed")
        cast = Vote(
            request=request,
            person_id=person_id,
            user_id_seen=str(user_id),
            digest=request.digest,
            verdict=verdict,
            reason=reason,
            created_at=now,
        )
        _record(request, cast)
        return _conclude(request, cast)


def _find_earlier(request: AgentActionRequest, person_id: UUID, digest: str) -> Vote | None:
    """This person's vote on this digest. What is no digest has no votes, and need not be text that a database takes."""
    if "\x00" in digest:
        return None
    return Vote.objects.filter(request=request, person_id=person_id, digest=digest).first()


def _require_reviewer(request: AgentActionRequest, person_id: UUID, user_id: int) -> None:
    """Who may not review in this workspace learns nothing of the request."""
    is_theirs = User.objects.filter(pk=user_id, person_id=person_id, is_active=True, person__is_active=True).exists()
    try:
        ensure_may(user_id=user_id, permission="review_requests", workspace_id=request.workspace_id)
    except NotAllowedError as error:
        raise NotAnApproverError("you may not review requests in this workspace") from error
    if not is_theirs:
        raise NotAnApproverError("this login does not belong to the person who votes")


def _require_open(request: AgentActionRequest, digest: str) -> None:
    if request.status == Status.EXPIRED:
        raise ApprovalExpiredError("the request has expired")
    if request.status != Status.PENDING:
        by = request.decided_by or "someone else"
        raise AlreadyDecidedError(f"the request is `{request.status}` already, decided by {by}", decided_by=by)
    if not AgentActionRequest.objects.filter(NOT_EXPIRED, pk=request.pk).exists():  # by the database's clock
        raise ApprovalExpiredError("the request has expired")
    if digest != request.digest:
        raise DiffChangedError("the patch is not the one that you saw; look at it again")


def _require_eligible(request: AgentActionRequest, person_id: UUID) -> None:
    if str(person_id) in get_excluded(request):
        raise SelfApprovalError("you asked for this, or you answer for the agent that did")
    requirement = get_requirement(request)
    members = get_memberships(request.workspace_id, requirement.all_groups)
    if not any(str(person_id) in people for people in members.values()):
        raise NotAnApproverError("you belong to no group that decides this request")


def _record(request: AgentActionRequest, cast: Vote) -> None:
    cast.save(force_insert=True)
    data = {"verdict": cast.verdict, "digest": cast.digest, "login": cast.user_id_seen}
    values = {"reason": cast.reason} if cast.reason else None
    event = request_event(request, "request.voted", _person(cast.person_id), data=data, values=values)
    append_event(event, now=cast.created_at)


def _conclude(request: AgentActionRequest, cast: Vote) -> VoteResult:
    state = get_quorum(request, get_requirement(request), digest=request.digest)
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
