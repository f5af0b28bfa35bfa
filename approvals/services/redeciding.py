"""The columns of a fresh judgement on an approved request."""

from datetime import datetime
from typing import Any

from approvals.domain.judgement import decision_columns
from approvals.models import AgentActionRequest
from approvals.services.recheck import Recheck, request_association


def redecided_columns(request: AgentActionRequest, recheck: Recheck, *, now: datetime) -> dict[str, Any]:
    """The columns of a fresh judgement; the first decision's expiry stays: looking again buys no time."""
    if recheck.judgement is None:
        return {}
    columns = decision_columns(
        recheck.judgement,
        request_id=request.pk,
        association=request_association(request),
        policy_version_id=recheck.policy_version_id,
        now=now,
    )
    for kept in ("expires_at", "decided_at", "finished_at", "not_before", "decided_by"):
        columns.pop(kept)
    return columns
