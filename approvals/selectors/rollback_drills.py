"""Rollback drills as their page lists them."""

from uuid import UUID

from approvals.models import RollbackDrill, RollbackSchedule
from governance.domain.vocabulary import Lifecycle
from governance.models import Agent

SHOWN = 50


def list_rollback_drills(workspace_id: UUID) -> list[RollbackDrill]:
    """The newest, each with what its line names. One query."""
    rows = RollbackDrill.objects.filter(workspace_id=workspace_id).select_related("agent", "person", "connection")
    return list(rows.order_by("-id")[:SHOWN])


def list_drillable(workspace_id: UUID) -> list[Agent]:
    """The agents that write."""
    rows = Agent.objects.filter(workspace_id=workspace_id, lifecycle=Lifecycle.ACTIVE, is_drill=False)
    return list(rows.order_by("name"))


def find_schedule(workspace_id: UUID) -> RollbackSchedule | None:
    """The workspace's schedule, None where nothing is scheduled."""
    return RollbackSchedule.objects.filter(workspace_id=workspace_id).select_related("person").first()
