"""Stops: the page, the click that stops from any page's header, and putting the queue away (KIL-01/02)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.services.pages.stops import show_stops
from approvals.services.quarantine import quarantine_queue
from approvals.services.stop import stop
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError
from governance.services.switches import SwitchError

MAX_REASON = 2_000
_REFUSALS = (SwitchError, NotAllowedError, LedgerUnavailableError)


@require_safe
@workspace_view("view_requests", "engage_switches", "lift_switches", of_agents=True)
def stops(request: HttpRequest, desk: Desk) -> HttpResponse:
    page = show_stops(workspace_id=desk.workspace.pk, now=desk.now, agents=desk.agents)
    return render_page(request, desk, "stops.html", {"page": page}, title="Stops")


@require_POST
@workspace_view("engage_switches", of_agents=True)
def engage(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The click in the header. The stop is in force when the answer arrives."""
    try:
        agent_id = _agent_id(request) if request.POST.get("kind") == "agent" else None
        stop(
            workspace_id=desk.workspace.pk,
            kind=request.POST.get("kind", ""),
            agent_id=agent_id,
            reason=_reason(request),
            actor=_actor(desk),
            user_id=desk.user.pk,
            now=get_now(),
        )
        messages.success(request, "It is stopped. Below is what was already out.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was stopped: {error}.")
    return _back(desk)


@require_POST
@workspace_view("engage_switches", of_agents=True)
def quarantine(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Put away what is queued, so that lifting the stop does not run it."""
    try:
        done = quarantine_queue(
            workspace_id=desk.workspace.pk,
            agent_id=_agent_id(request),
            reason=_reason(request),
            actor=_actor(desk),
            user_id=desk.user.pk,
            now=get_now(),
        )
        messages.success(request, f"{done.count} put away, {done.left} left in the queue.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was put away: {error}.")
    return _back(desk)


def _back(desk: Desk) -> HttpResponse:
    return redirect(f"{reverse('approvals:stops')}?workspace={desk.workspace.slug}")


def _reason(request: HttpRequest) -> str:
    """What was written, after the reason that was chosen."""
    parts = (request.POST.get(name, "").replace("\x00", "").strip() for name in ("preset", "reason"))
    return ": ".join(part for part in parts if part)[:MAX_REASON]


def _agent_id(request: HttpRequest) -> UUID | None:
    """The agent that the form names; None for all of them. Raises SwitchError for what is no id."""
    named = request.POST.get("agent", "")
    try:
        return UUID(named) if named else None
    except ValueError:
        raise SwitchError("choose one of the agents") from None


def _actor(desk: Desk) -> Actor:
    return Actor("human", str(desk.person_id or desk.user.username))
