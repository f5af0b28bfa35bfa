"""Review: one person's vote on one digest (APR-04, APR-05)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


class ReviewError(Exception):
    """Base of a vote that was not counted. `code` is stable; `http_status` what a door answers."""

    code = "review_error"
    http_status = 409


class RequestNotFoundError(ReviewError):
    code = "not_found"
    http_status = 404


class DiffChangedError(ReviewError):
    code = "diff_changed"


class ApprovalExpiredError(ReviewError):
    code = "approval_expired"
    http_status = 410


class AlreadyDecidedError(ReviewError):
    """`decided_by` names who decided."""

    code = "already_decided"


class AlreadyVotedError(ReviewError):
    code = "already_voted"


class SelfApprovalError(ReviewError):
    code = "self_approval"
    http_status = 403


class NotAnApproverError(ReviewError):
    code = "not_an_approver"
    http_status = 403


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

    The login needs `review_requests` on the workspace. Commits vote, transition and ledger events in one transaction.
    Raises ReviewError subclasses.
    """
    raise NotImplementedError
