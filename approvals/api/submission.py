"""The answer to a proposal: 201 with the decision, 202 while facts are being fetched."""

from datetime import datetime

from rest_framework.request import Request

from approvals.api.headers import read_wait_seconds
from approvals.api.representation import (
    Representation,
    represent_first_answer,
    represent_request,
    represent_submission,
    request_path,
)
from approvals.api.response import Response
from approvals.domain.proposed import Proposed
from approvals.domain.status import Status
from approvals.services.intake import Submission
from approvals.services.waiting import wait_for_outcome


def answer_submission(request: Request, submission: Submission, proposal: Proposed, *, now: datetime) -> Response:
    """Answers at once, or, when the caller prefers to wait, with what has become of the request by then."""
    headers = {"Location": request_path(submission.request_id)}
    if seconds := read_wait_seconds(request):
        headers["Preference-Applied"] = f"wait={seconds}"
        body = represent_request(wait_for_outcome(request_id=submission.request_id, seconds=seconds))
    elif submission.is_replay:
        body = represent_first_answer(wait_for_outcome(request_id=submission.request_id, seconds=0))
    else:
        body = represent_submission(submission, proposal, created_at=now)
    if submission.is_replay:
        headers["Idempotency-Replayed"] = "true"
    return Response(body, status=_status(body), headers=headers)


def _status(body: Representation) -> int:
    return 202 if body["status"] == Status.EVALUATING else 201
