"""Voting: one person's word on a few requests at once, each judged by itself (APR-04, APR-05, APR-07).

What all of them depend on is read first, by as many statements for ten as for one; then each is judged in memory by the
rules of `review_gate` and of the quorum, and what counts is written together. One vote goes this way as ten do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.dispatch import nudge
from approvals.domain.canary import CANARY, CanaryOutcome
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Vote
from approvals.selectors.quorum import KnownVote, get_requirement, judge_votes
from approvals.services.canary_settling import settle_canary
from approvals.services.events import request_event
from approvals.services.review_errors import AlreadyVotedError, ApprovalExpiredError, ReviewError
from approvals.services.review_gate import (
    Looked,
    Reviewer,
    list_seats_now,
    look,
    not_a_reviewer,
    require_open_now,
    require_seats,
)
from approvals.services.transition import settle_each
from audit.domain.event import Actor, NewEvent
from audit.services.append import append_event, append_events
from audit.services.rows import insert, rows_of
from governance.domain.quorum import DENY, QuorumState


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a reviewer says of each: `approve` or `deny`, why, and when."""

    by: Reviewer
    verdict: str
    reason: str
    now: datetime


Answer = VoteResult | ReviewError


def count_words(requests: Sequence[AgentActionRequest], *, seen: Mapping[UUID, str], word: Word) -> dict[UUID, Answer]:
    """Count the word on each of a few requests; what was not counted is answered with its error.

    `seen` are the digests that the person saw. Runs in the caller's transaction, under the rows' locks. A number of
    statements that does not grow with the requests, but for canaries and for what denials give back.
    """
    theirs = [request for request in requests if word.by.may_review(request)]
    answers: dict[UUID, Answer] = {request.pk: not_a_reviewer() for request in requests if request not in theirs}
    if not theirs:
        return answers
    looked, votes = look(theirs), list[Vote]()
    for request in theirs:
        try:
            found = _judge(request, seen[request.pk], word, looked)
        except ReviewError as error:
            answers[request.pk] = error
            continue
        if isinstance(found, Vote):
            votes.append(found)
        else:
            answers[request.pk] = found
    return answers | _settle(votes, looked)


def count_vote(cast: Vote) -> VoteResult:
    """Write a vote that may be cast, and settle its request if it is the last one that it takes.

    The same vote of this person on this digest counts as it stands: a correction may lead back to what they had agreed
    to. Runs in the caller's transaction, under the row's lock. Raises ApprovalExpiredError.
    """
    looked = look([cast.request])
    cast.seats = list_seats_now(cast.request, cast.person_id, looked)
    answer = _settle([cast], looked)[cast.request_id]
    if isinstance(answer, ReviewError):
        raise answer
    return answer


def _judge(request: AgentActionRequest, digest: str, word: Word, looked: Looked) -> Vote | VoteResult:
    """The vote that may be cast, or the answer to one that was cast before. Raises ReviewError subclasses."""
    earlier = _find_earlier(request, word.by.person_id, looked)
    if earlier is not None and earlier.verdict == word.verdict and digest == request.digest:
        return VoteResult(status=request.status, is_repeat=True)
    require_open_now(request, digest, is_in_time=request.pk in looked.in_time)
    seats = require_seats(request, word.by.person_id, looked)
    if earlier is not None:
        raise AlreadyVotedError("your vote on this patch is cast; it cannot be changed")
    return Vote(
        request=request,
        person_id=word.by.person_id,
        user_id_seen=str(word.by.user_id),
        digest=request.digest,
        verdict=word.verdict,
        reason=word.reason,
        seats=seats,
        created_at=word.now,
    )


def _find_earlier(request: AgentActionRequest, person_id: UUID, looked: Looked) -> KnownVote | None:
    """This person's vote in force on the patch as it is: what a standing approval cast that ended bars nobody."""
    cast = (vote for vote in looked.votes[request.pk] if vote.person == str(person_id) and not vote.is_withdrawn)
    return next((vote for vote in cast if vote.digest == request.digest), None)


@dataclass(frozen=True, slots=True)
class _Cast:
    """A vote that may be cast, and where the review stands with it; `is_new` unless it lies there already."""

    vote: Vote
    state: QuorumState
    is_new: bool

    @property
    def is_last(self) -> bool:
        return self.vote.verdict == DENY or self.state.is_met


def _settle(votes: Sequence[Vote], looked: Looked) -> dict[UUID, Answer]:
    """Write votes of one person and one verdict, and move the requests that they are the last for."""
    canaries = [vote for vote in votes if vote.request.actor_type == CANARY]
    answers = {vote.request_id: _settle_canary(vote) for vote in canaries}
    casts = [_lay(vote, looked) for vote in votes if vote not in canaries]
    last = [cast for cast in casts if cast.is_last]
    moved = _move(last)
    waiting = [cast for cast in casts if not cast.is_last]
    if told := [_voted(cast.vote) for cast in waiting if cast.is_new]:
        append_events(told, now=waiting[0].vote.created_at)
    counted = [*waiting, *(cast for cast in last if cast.vote.request_id in moved)]
    _write([cast.vote for cast in counted if cast.is_new])
    return answers | {cast.vote.request_id: _answer(cast, moved) for cast in casts}


def _lay(vote: Vote, looked: Looked) -> _Cast:
    known, request = looked.votes[vote.request_id], vote.request
    is_new = _find_earlier(request, vote.person_id, looked) is None
    own = [KnownVote(str(vote.person_id), vote.verdict, vote.digest)] if is_new else []
    bench = looked.benches[vote.request_id]
    state = judge_votes(get_requirement(request), [*known, *own], bench, digest=request.digest)
    return _Cast(vote, state, is_new)


def _move(last: Sequence[_Cast]) -> frozenset[UUID]:
    """Approve or deny what these votes decide; ids of what was still in time. Nothing is written of the others."""
    if not last:
        return frozenset()
    vote = last[0].vote
    new = Status.DENIED if vote.verdict == DENY else Status.APPROVED
    moved = settle_each(
        {cast.vote.request_id: cast.vote.digest for cast in last},
        new=new,
        code="denied_by_person" if new is Status.DENIED else "",
        now=vote.created_at,
        events={cast.vote.request_id: _decided(cast, new) for cast in last},
        decided_by=f"person:{vote.person_id}",
        decided_at=vote.created_at,
    )
    if new is Status.APPROVED:
        for request_id in moved:
            nudge("execute", request_id)
    return moved


def _answer(cast: _Cast, moved: frozenset[UUID]) -> Answer:
    if not cast.is_last:
        return VoteResult(
            status=Status.PENDING,
            is_repeat=False,
            missing_groups=cast.state.missing_groups,
            missing_count=cast.state.missing_count,
        )
    if cast.vote.request_id not in moved:
        return ApprovalExpiredError("the request expired while you voted")
    return VoteResult(status=Status.DENIED if cast.vote.verdict == DENY else Status.APPROVED, is_repeat=False)


def _settle_canary(vote: Vote) -> Answer:
    """One of ours, by itself: the first word ends it."""
    is_denied = vote.verdict == DENY
    try:
        with transaction.atomic():
            _write([vote])
            append_event(_voted(vote), now=vote.created_at)
            end = settle_canary(
                vote.request, person_id=vote.person_id, is_denied=is_denied, is_caught=is_denied, now=vote.created_at
            )
    except ApprovalExpiredError as error:
        return error
    return VoteResult(status=end.status, is_repeat=False, canary=end.outcome)


def _write(votes: Sequence[Vote]) -> None:
    """One statement."""
    if votes:
        insert(rows_of(votes))


def _decided(cast: _Cast, new: Status) -> list[NewEvent]:
    """What is on record of a vote that settles: the vote, and what it settled."""
    request, state = cast.vote.request, cast.state
    data = {"digest": request.digest, "approvers": list(state.approvers), "deniers": list(state.deniers)}
    settled = request_event(request, f"request.{new}", _person(cast.vote.person_id), data=data)
    return [_voted(cast.vote), settled] if cast.is_new else [settled]


def _voted(vote: Vote) -> NewEvent:
    data = {"verdict": vote.verdict, "digest": vote.digest, "login": vote.user_id_seen, "seats": vote.seats}
    values = {"reason": vote.reason} if vote.reason else None
    return request_event(vote.request, "request.voted", _person(vote.person_id), data=data, values=values)


def _person(person_id: UUID) -> Actor:
    return Actor("human", str(person_id))
