"""Dumb failures in the console: run them, and read what each run showed (PRG-02)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.selectors.drills import list_drill_agents, list_drill_runs
from approvals.services.dumb_failures import DrillError, run_dumb_failures
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError


@require_safe
@workspace_view("view_requests", of_agents=True)
def drills(request: HttpRequest, desk: Desk) -> HttpResponse:
    context = {
        "runs": list_drill_runs(desk.workspace.pk, desk.agents),
        "agents": list_drill_agents(desk.workspace.pk, desk.agents),
    }
    return render_page(request, desk, "drills.html", context, title="Dumb failures")


@require_POST
@workspace_view("edit_policy")
def run_drill(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        run = run_dumb_failures(
            workspace_id=desk.workspace.pk,
            agent_name=request.POST.get("agent", ""),
            actor=Actor("human", str(desk.require_person())),
            now=get_now(),
            user_id=desk.user.pk,
        )
        messages.success(request, f"Policy held in {run.held} of {run.total} cases.")
    except (DrillError, NotAllowedError, LedgerUnavailableError) as error:
        messages.error(request, f"The drill was not run: {error}.")
    return redirect(f"{reverse('approvals:drills')}?workspace={desk.workspace.slug}")
