"""Who may decide a request, and whether it is still open: asked by every vote and every correction, under its lock."""

from dataclasses import dataclass
from uuid import UUID

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import concerned_agent_id
from approvals.selectors.quorum import Bench, get_bench, get_requirement, get_voted
from approvals.services.claim import NOT_EXPIRED
from approvals.services.review_errors import (
    AlreadyDecidedError,
    ApprovalExpiredError,
    DiffChangedError,
    NotAnApproverError,
    SelfApprovalError,
)
from governance.models import User
from governance.selectors.access import NotAllowedError, ensure_may_for


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A login that belongs to the person and may review in all of the workspace: found out once for a transaction of
    votes."""

    person_id: UUID
    user_id: int
    workspace_id: UUID


@dataclass(frozen=True, slots=True)
class Seating:
    """Who may speak on a request, and the seats of one person among them, for the record of their vote."""

    bench: Bench
    seats: list[dict[str, str]]


def require_reviewer(request: AgentActionRequest, person_id: UUID, user_id: int) -> None:
    """Who may not review here, nor this agent's requests, learns nothing of the request. Raises NotAnApproverError."""
    _ensure_reviewer(person_id, user_id, request.workspace_id, concerned_agent_id(request))


def find_reviewer(*, person_id: UUID, user_id: int, workspace_id: UUID) -> Reviewer:
    """By this moment's roles. Raises NotAnApproverError, also for who may review single agents' requests alone."""
    _ensure_reviewer(person_id, user_id, workspace_id, None)
    return Reviewer(person_id, user_id, workspace_id)


def _ensure_reviewer(person_id: UUID, user_id: int, workspace_id: UUID, agent_id: UUID | None) -> None:
    is_theirs = User.objects.filter(pk=user_id, person_id=person_id, is_active=True, person__is_active=True).exists()
    try:
        ensure_may_for(user_id=user_id, permission="review_requests", workspace_id=workspace_id, agent_id=agent_id)
    except NotAllowedError as error:
        raise NotAnApproverError("you may not review requests in this workspace") from error
    if not is_theirs:
        raise NotAnApproverError("this login does not belong to the person who votes")


def require_open(request: AgentActionRequest, digest: str) -> None:
    """It waits, in time by the database's clock, and is the very patch that was seen. Raises ReviewError subclasses."""
    if request.status == Status.EXPIRED:
        raise ApprovalExpiredError("the request has expired")
    if request.status != Status.PENDING:
        by = request.decided_by or "someone else"
        raise AlreadyDecidedError(f"the request is `{request.status}` already, decided by {by}", decided_by=by)
    if not AgentActionRequest.objects.filter(NOT_EXPIRED, pk=request.pk).exists():  # by the database's clock
        raise ApprovalExpiredError("the request has expired")
    if digest != request.digest:
        raise DiffChangedError("the patch is not the one that you saw; look at it again")


def require_eligible(request: AgentActionRequest, person_id: UUID) -> Seating:
    """In a seat that decides it, and with no stake in it. Raises SelfApprovalError, NotAnApproverError."""
    seating = find_seating(request, person_id)
    if str(person_id) in seating.bench.excluded:
        raise SelfApprovalError("you asked for this, could have asked it, or answer for the agent that did")
    if not seating.seats:
        raise NotAnApproverError("you belong to no group that decides this request")
    return seating


def find_seating(request: AgentActionRequest, person_id: UUID) -> Seating:
    """The seats that this person takes: their own, of somebody away, of a backup group."""
    bench = get_bench(request, get_requirement(request))
    voted = get_voted(request) - {str(person_id)}
    return Seating(bench, bench.seats_of(str(person_id), voted=voted))
