"""Why a vote was not counted. Translated to HTTP at the doors alone."""


class ReviewError(Exception):
    """Base of a vote that was not counted. `code` is stable; `http_status` what a door answers."""

    code = "review_error"
    http_status = 409


class RequestNotFoundError(ReviewError):
    code = "not_found"
    http_status = 404


class InvalidVerdictError(ReviewError):
    code = "invalid_verdict"
    http_status = 422


class DiffChangedError(ReviewError):
    """The digest that the person saw is not the request's."""

    code = "diff_changed"


class ApprovalExpiredError(ReviewError):
    """Too late, by the database's clock."""

    code = "approval_expired"
    http_status = 410


class AlreadyDecidedError(ReviewError):
    """`decided_by` names who decided: `policy` or `person:<id>`."""

    code = "already_decided"

    def __init__(self, message: str, *, decided_by: str) -> None:
        super().__init__(message)
        self.decided_by = decided_by


class AlreadyVotedError(ReviewError):
    """The person has cast the other verdict on this digest."""

    code = "already_voted"


class SelfApprovalError(ReviewError):
    """The agent's owner, or who asked for it."""

    code = "self_approval"
    http_status = 403


class NotAnApproverError(ReviewError):
    """Not in a required group, or without the permission to review here."""

    code = "not_an_approver"
    http_status = 403


class CorrectionRefusedError(ReviewError):
    """The corrected change may not be made. `reasons` are what policy, or the field's type, says: field and sentence;
    the field is empty for the request as a whole."""

    code = "correction_refused"
    http_status = 422

    def __init__(self, message: str, *, reasons: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class SnoozeRefusedError(ReviewError):
    """It cannot be put off until then. The message says why, in words."""

    code = "snooze_refused"
    http_status = 422


class EscalationRefusedError(ReviewError):
    """It cannot be handed on. The message says why, in words."""

    code = "escalation_refused"
    http_status = 422
