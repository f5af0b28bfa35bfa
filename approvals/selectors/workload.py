"""How much work there is and how long it has been waiting, over all workspaces: for health checks and metrics."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from approvals.domain.status import Status
from approvals.models import AgentActionRequest, Attempt

WORKER_STATUSES = (Status.EVALUATING, Status.APPROVED, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Workload:
    """`due_oldest_seconds`: how long the oldest work that a worker could take has been due; 0 when there is none."""

    requests_by_status: dict[str, int]
    attempts_by_point: dict[str, int]
    pending_oldest_seconds: float
    due_oldest_seconds: float


def get_workload(*, now: datetime) -> Workload:
    """Counts and ages, by three queries."""
    return Workload(
        requests_by_status=_count_requests(),
        attempts_by_point=_count_attempts(),
        pending_oldest_seconds=_seconds_since(
            AgentActionRequest.objects.filter(status=Status.PENDING).aggregate(oldest=Min("created_at"))["oldest"], now
        ),
        due_oldest_seconds=get_due_oldest_seconds(now=now),
    )


def get_due_oldest_seconds(*, now: datetime) -> float:
    """How long the oldest due work has been waiting for a worker. One query, on the index of due work."""
    oldest = AgentActionRequest.objects.filter(status__in=WORKER_STATUSES, not_before__lte=now).aggregate(
        oldest=Min("not_before")
    )["oldest"]
    return _seconds_since(oldest, now)


def _count_requests() -> dict[str, int]:
    counted = AgentActionRequest.objects.values_list("status").annotate(count=Count("id")).order_by()
    return {status.value: 0 for status in Status} | dict(counted)


def _count_attempts() -> dict[str, int]:
    return dict(Attempt.objects.values_list("point").annotate(count=Count("id")).order_by())


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
