"""Rollback drills as a person begins them, and as they are scheduled (RVT-06)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from approvals.domain.rollback_drill import MAX_DAYS
from approvals.models import RollbackDrill, RollbackSchedule
from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.vocabulary import Lifecycle
from governance.models import Agent, User, Workspace
from governance.selectors.access import NotAllowedError, ensure_may

PERMISSION = "revert_requests"


class RollbackDrillError(ValueError):
    """The drill cannot be begun or scheduled like this. The words are for people."""

    code = "rollback_drill_refused"


def start_rollback_drill(*, agent_id: UUID, person_id: UUID, user_id: int, now: datetime) -> UUID:
    """Begin one drill of one agent; returns its id. A worker does the rest, and its request runs the usual street.

    Commits the row with `rollback_drill.started`. Raises RollbackDrillError, NotAllowedError, Agent.DoesNotExist.
    """
    agent = Agent.objects.select_related("workspace").get(pk=agent_id)
    _ensure(agent.workspace_id, person_id, user_id)
    if agent.lifecycle != Lifecycle.ACTIVE or agent.is_drill:
        raise RollbackDrillError("only an active agent writes, and so only one can be drilled")
    try:
        with transaction.atomic():
            drill = RollbackDrill.objects.create(
                workspace=agent.workspace, agent=agent, person_id=person_id, user_id=user_id, started_at=now
            )
            append_event(drill_event(drill, "started", Actor("human", str(person_id))), now=now)
    except IntegrityError as error:
        raise RollbackDrillError("a drill of this agent is under way already") from error
    return drill.pk


def schedule_rollback_drills(
    *, workspace_id: UUID, every_days: int, person_id: UUID, user_id: int, now: datetime
) -> None:
    """Drill every agent of the workspace every so many days from now, by this person's right to revert; 0 ends it.

    Commits the schedule with `rollback_drill.scheduled`. Raises RollbackDrillError, NotAllowedError.
    """
    if not 0 <= every_days <= MAX_DAYS:
        raise RollbackDrillError(f"choose 0 to {MAX_DAYS} days")
    _ensure(workspace_id, person_id, user_id)
    workspace = Workspace.objects.get(pk=workspace_id)
    with transaction.atomic():
        if every_days:
            values = {"every_days": every_days, "person_id": person_id, "user_id": user_id, "next_at": now}
            RollbackSchedule.objects.update_or_create(workspace=workspace, defaults=values)
        else:
            RollbackSchedule.objects.filter(workspace=workspace).delete()
        event = NewEvent(
            type="rollback_drill.scheduled",
            workspace=workspace.slug,
            actor=Actor("human", str(person_id)),
            subject=Subject("workspace", str(workspace_id)),
            correlation_id=f"rollback-drills-{workspace_id}",
            data={"every_days": every_days},
        )
        append_event(event, now=now)


def start_scheduled(*, now: datetime) -> int:
    """Begin the drills that are due; returns how many. Each due date is taken once, whoever comes first."""
    started = 0
    for schedule in RollbackSchedule.objects.filter(next_at__lte=now):
        due = RollbackSchedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at)
        if due.update(next_at=now + timedelta(days=schedule.every_days)):
            started += _start_all(schedule, now)
    return started


def drill_event(drill: RollbackDrill, type_: str, actor: Actor) -> NewEvent:
    """One step of one drill, whose workspace and agent are joined."""
    return NewEvent(
        type=f"rollback_drill.{type_}",
        workspace=drill.workspace.slug,
        actor=actor,
        subject=Subject("rollback_drill", str(drill.pk)),
        correlation_id=f"rollback-drill-{drill.pk}",
        data={
            "agent": drill.agent.name,
            "state": str(drill.state),
            "code": drill.code,
            "request": str(drill.request_id or ""),
            "revert": str(drill.revert_id or ""),
        },
    )


def _start_all(schedule: RollbackSchedule, now: datetime) -> int:
    agents = Agent.objects.filter(workspace_id=schedule.workspace_id, lifecycle=Lifecycle.ACTIVE, is_drill=False)
    started = 0
    for agent_id in agents.order_by("name").values_list("pk", flat=True):
        try:
            start_rollback_drill(agent_id=agent_id, person_id=schedule.person_id, user_id=schedule.user_id, now=now)
            started += 1
        except (RollbackDrillError, NotAllowedError):
            continue  # one is under way, or whoever answers for them may not revert any more: the page says so
    return started


def _ensure(workspace_id: UUID, person_id: UUID, user_id: int) -> None:
    ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=workspace_id)
    if not User.objects.filter(pk=user_id, person_id=person_id, is_active=True, person__is_active=True).exists():
        raise RollbackDrillError("this login does not belong to the person who reverts")
