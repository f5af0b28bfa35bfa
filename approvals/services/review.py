"""Review: one person's vote on one digest (APR-04, APR-05, APR-07).

Fourth of the six files that tell one request's way (docs/architecture.md). A vote is on the action digest: the request,
its record as it was read, the exact patch. Another patch has another digest, which this vote says nothing of. The vote
that completes what the decision requires makes the request `approved`; a worker is nudged after the commit and calls
`approvals.services.execution`. Votes are judged and written, one or ten together, by `approvals.services.voting`.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.services.claim import lock_request, lock_requests
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
from approvals.services.review_gate import Reviewer, require_reviewer
from approvals.services.voting import VoteResult, Word, count_words
from governance.domain.quorum import APPROVE, DENY

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
    "cast_votes",
]


def cast_vote(
    *, request_id: UUID, person_id: UUID, user_id: int, digest: str, verdict: str, reason: str, now: datetime
) -> VoteResult:
    """Count one person's `approve` or `deny` on the digest that they saw. The first deciding commit wins.

    The login must be the person's and needs `review_requests` on the workspace or for the agent. Commits vote,
    transition and ledger events in one transaction, under the row's lock. Raises ReviewError subclasses.
    """
    _require_verdict(verdict)
    with transaction.atomic():
        request = lock_request(request_id)
        if request is None:
            raise RequestNotFoundError("no such request")
        reviewer = require_reviewer(request, person_id, user_id)
        word = Word(by=reviewer, verdict=verdict, reason=reason, now=now)
        answer = count_words([request], seen={request_id: digest}, word=word)[request_id]
        if isinstance(answer, ReviewError):
            raise answer
        return answer


def cast_votes(
    *, seen: Mapping[UUID, str], reviewer: Reviewer, verdict: str, reason: str, now: datetime
) -> dict[UUID, VoteResult | ReviewError]:
    """`cast_vote` on each of a few requests, by id with the digest that the reviewer saw: each is answered by itself.

    `reviewer` was found out in the same transaction. Commits what counted of all of them together, under their rows'
    locks, by a number of statements that does not grow with them. Raises InvalidVerdictError.
    """
    _require_verdict(verdict)
    with transaction.atomic():
        locked = lock_requests(sorted(seen))
        missing = seen.keys() - {request.pk for request in locked}
        word = Word(by=reviewer, verdict=verdict, reason=reason, now=now)
        answers = count_words(locked, seen=seen, word=word)
    return answers | {request_id: RequestNotFoundError("no such request") for request_id in missing}


def _require_verdict(verdict: str) -> None:
    if verdict not in (APPROVE, DENY):
        raise InvalidVerdictError(f"`{verdict}` is neither `approve` nor `deny`")
