"""What is due: the rows are the jobs."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from approvals.domain.settlement import FOR_A_PERSON
from approvals.domain.status import Status
from approvals.models import AgentActionRequest

_WORKABLE = (Status.EVALUATING, Status.APPROVED, Status.HELD, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Due:
    """Ids by what is to be done, each oldest first. `approved` includes those whose send window is over."""

    evaluating: list[UUID]
    approved: list[UUID]
    unknown: list[UUID]


def list_due(*, now: datetime, limit: int) -> Due:
    """Requests that a worker shall take up by now, `limit` in all. One query."""
    rows = AgentActionRequest.objects.filter(
        Q(not_before__isnull=True) | Q(not_before__lte=now), status__in=_WORKABLE
    ).exclude(status=Status.UNKNOWN, status_code__in=FOR_A_PERSON)
    found: dict[str, list[UUID]] = {status: [] for status in _WORKABLE}
    for request_id, status in rows.order_by("id").values_list("id", "status")[:limit]:
        found[status].append(request_id)
    return Due(found[Status.EVALUATING], found[Status.APPROVED] + found[Status.HELD], found[Status.UNKNOWN])
