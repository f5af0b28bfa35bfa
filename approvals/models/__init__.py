"""Tables of approvals: requests, batches, votes, attempts, drills, access reviews, suggestions. One module per noun."""

from approvals.models.access_review import AccessReview, AccessReviewDecision, AccessReviewRow
from approvals.models.attempt import Attempt
from approvals.models.batch import RequestBatch
from approvals.models.delivery import DeliveryReport
from approvals.models.drill import DrillCase, DrillRun
from approvals.models.request import AgentActionRequest
from approvals.models.standing import StandingApproval
from approvals.models.suggestion import Suggestion
from approvals.models.touched import Touched
from approvals.models.vote import Vote

__all__ = [
    "AccessReview",
    "AccessReviewDecision",
    "AccessReviewRow",
    "AgentActionRequest",
    "Attempt",
    "DeliveryReport",
    "DrillCase",
    "DrillRun",
    "RequestBatch",
    "StandingApproval",
    "Suggestion",
    "Touched",
    "Vote",
]
