"""Rollback drills in the console: begin one, schedule them, read their results (RVT-06)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.selectors.rollback_drills import find_schedule, list_drillable, list_rollback_drills
from approvals.services.rollback_drills import (
    PERMISSION,
    RollbackDrillError,
    schedule_rollback_drills,
    start_rollback_drill,
)
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.models import Agent
from governance.selectors.access import NotAllowedError

_REFUSALS = (RollbackDrillError, NotAllowedError, LedgerUnavailableError)


@require_safe
@workspace_view("view_requests")
def rollback_drills(request: HttpRequest, desk: Desk) -> HttpResponse:
    context = {
        "drills": list_rollback_drills(desk.workspace.pk),
        "agents": list_drillable(desk.workspace.pk),
        "schedule": find_schedule(desk.workspace.pk),
    }
    return render_page(request, desk, "rollback_drills.html", context, title="Rollback drills")


@require_POST
@workspace_view(PERMISSION)
def begin_rollback_drill(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        start_rollback_drill(
            agent_id=_agent_id(request, desk),
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
        )
        messages.success(request, "The drill has begun. Its result stands below in a moment.")
    except _REFUSALS as error:
        messages.error(request, f"No drill was begun: {error}.")
    return _back(desk)


@require_POST
@workspace_view(PERMISSION)
def schedule_rollback(request: HttpRequest, desk: Desk) -> HttpResponse:
    days = request.POST.get("every_days", "")
    try:
        if not (days.isascii() and days.isdigit() and len(days) < 4):
            raise RollbackDrillError("give a number of days")
        schedule_rollback_drills(
            workspace_id=desk.workspace.pk,
            every_days=int(days),
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
        )
        messages.success(request, "Every agent is drilled from now on." if int(days) else "Nothing is scheduled now.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return _back(desk)


def _agent_id(request: HttpRequest, desk: Desk) -> UUID:
    """The agent that the form names, of this workspace. Raises RollbackDrillError."""
    agent = Agent.objects.filter(
        workspace=desk.workspace, name=request.POST.get("agent", "").replace("\x00", "")
    ).first()
    if agent is None:
        raise RollbackDrillError("choose one of the agents")
    return agent.pk


def _back(desk: Desk) -> HttpResponse:
    return redirect(f"{reverse('approvals:rollback_drills')}?workspace={desk.workspace.slug}")
