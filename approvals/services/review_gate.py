"""Who may decide a request, and whether it is still open: asked by every vote and every correction, under its lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import concerned_agent_id
from approvals.selectors.quorum import Bench, KnownVote, get_benches, get_votes
from approvals.services.claim import NOT_EXPIRED
from approvals.services.review_errors import (
    AlreadyDecidedError,
    ApprovalExpiredError,
    DiffChangedError,
    NotAnApproverError,
    SelfApprovalError,
)
from audit.selectors.kept_query import KeptQuery
from governance.models import User
from governance.selectors.held import AgentScope, get_held


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A login that belongs to the person, and the agents whose requests it may review, None for all of the workspace:
    found out once for a transaction of votes."""

    person_id: UUID
    user_id: int
    workspace_id: UUID
    agents: AgentScope

    def may_review(self, request: AgentActionRequest) -> bool:
        """Who may not review this agent's requests learns nothing of this one."""
        is_here = request.workspace_id == self.workspace_id
        return is_here and (self.agents is None or concerned_agent_id(request) in self.agents)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the votes on a few requests depend on at one moment: which are in time by the database's clock; the votes
    on each and who may speak, by its id."""

    in_time: frozenset[UUID]
    votes: Mapping[UUID, Sequence[KnownVote]]
    benches: Mapping[UUID, Bench]


def find_reviewer(*, person_id: UUID, user_id: int, workspace_id: UUID) -> Reviewer:
    """By this moment's roles. Two queries. Raises NotAnApproverError for who may review nothing there."""
    login = User.objects.filter(pk=user_id, is_active=True).select_related("person").first()
    scope = get_held(login).get_scope(workspace_id, "review_requests") if login is not None else frozenset()
    if scope == frozenset():
        raise not_a_reviewer()
    if login is None or login.person is None or login.person_id != person_id or not login.person.is_active:
        raise NotAnApproverError("this login does not belong to the person who votes")
    return Reviewer(person_id, user_id, workspace_id, scope)


def require_reviewer(request: AgentActionRequest, person_id: UUID, user_id: int) -> Reviewer:
    """Who may not review here, nor this agent's requests, learns nothing of the request. Raises NotAnApproverError."""
    reviewer = find_reviewer(person_id=person_id, user_id=user_id, workspace_id=request.workspace_id)
    if not reviewer.may_review(request):
        raise not_a_reviewer()
    return reviewer


def not_a_reviewer() -> NotAnApproverError:
    """The refusal of who may not review a request."""
    return NotAnApproverError("you may not review requests in this workspace")


def look(requests: Sequence[AgentActionRequest]) -> Looked:
    """At what is locked, of one workspace, one request at least. Five queries however many."""
    ids = [request.pk for request in requests]
    return Looked(_list_in_time(ids), get_votes(ids), get_benches(requests))


def require_open(request: AgentActionRequest, digest: str) -> None:
    """It waits, in time by the database's clock, and is the very patch that was seen. Raises ReviewError subclasses."""
    require_open_now(request, digest, is_in_time=request.pk in _list_in_time([request.pk]))


def require_open_now(request: AgentActionRequest, digest: str, *, is_in_time: bool) -> None:
    """The same where the clock was asked already. No query."""
    if request.status == Status.EXPIRED:
        raise ApprovalExpiredError("the request has expired")
    if request.status != Status.PENDING:
        by = request.decided_by or "someone else"
        raise AlreadyDecidedError(f"the request is `{request.status}` already, decided by {by}", decided_by=by)
    if not is_in_time:
        raise ApprovalExpiredError("the request has expired")
    if digest != request.digest:
        raise DiffChangedError("the patch is not the one that you saw; look at it again")


def require_eligible(request: AgentActionRequest, person_id: UUID) -> None:
    """In a seat that decides it, and with no stake in it. Raises SelfApprovalError, NotAnApproverError."""
    require_seats(request, person_id, Looked(frozenset(), get_votes([request.pk]), get_benches([request])))


def require_seats(request: AgentActionRequest, person_id: UUID, looked: Looked) -> list[dict[str, str]]:
    """The same where it was looked already; returns their seats. No query."""
    if str(person_id) in looked.benches[request.pk].excluded:
        raise SelfApprovalError("you asked for this, could have asked it, or answer for the agent that did")
    seats = list_seats_now(request, person_id, looked)
    if not seats:
        raise NotAnApproverError("you belong to no group that decides this request")
    return seats


def list_seats_now(request: AgentActionRequest, person_id: UUID, looked: Looked) -> list[dict[str, str]]:
    """The seats that this person takes: their own, of somebody away, of a backup group. No query."""
    person = str(person_id)
    now = (vote for vote in looked.votes[request.pk] if vote.digest == request.digest and not vote.is_withdrawn)
    return looked.benches[request.pk].seats_of(person, voted={vote.person for vote in now} - {person})


def _list_in_time(request_ids: Sequence[UUID]) -> frozenset[UUID]:
    return frozenset(pk for (pk,) in _IN_TIME.fetch(tuple(request_ids)))


_IN_TIME = KeptQuery(
    lambda request_ids: AgentActionRequest.objects.filter(NOT_EXPIRED, pk__in=request_ids).values_list("pk")
)
