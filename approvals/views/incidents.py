"""Incidents: the list with what suggests itself, one incident, and its paper (EXC-04)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.incident import CONTROL_WORDS, Findings, Severity
from approvals.models import Incident
from approvals.selectors.duty import HANDLES
from approvals.selectors.exceptions import list_case_agents
from approvals.selectors.incidents import find_incident, list_incidents, list_suggested
from approvals.services.exception_desk import Worker
from approvals.services.incidents import (
    Declaration,
    IncidentError,
    close_incident,
    declare_incident,
    find_out,
    mitigate_incident,
    note_incident,
)
from approvals.services.pages.exceptions import show_cases
from approvals.services.pages.incidents import TONES, show_incident
from approvals.views.access import Desk, desk_at, signed_in, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError

_REFUSALS = (IncidentError, NotAllowedError, LedgerUnavailableError)
_UTC = ZoneInfo("UTC")
IncidentView = Callable[[HttpRequest, Desk, Incident], HttpResponse]


def incident_view(permission: str) -> Callable[[IncidentView], Callable[..., HttpResponse]]:
    """A page about one incident. Without any permission in its workspace or for its agent it does not exist (404), with
    the wrong ones it is refused (403)."""

    def decorate(view: IncidentView) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, incident_id: UUID) -> HttpResponse:
            incident = find_incident(incident_id)
            if incident is None:
                raise Http404
            desk = desk_at(signed_in(request), incident.workspace, incident.agent_id)
            desk.require(permission)
            return view(request, desk, incident)

        return guarded

    return decorate


@require_safe
@workspace_view("view_requests", of_agents=True)
def incidents(request: HttpRequest, desk: Desk) -> HttpResponse:
    workspace_id = desk.workspace.pk
    context = {
        "rows": [(row, TONES[Severity(row.severity)]) for row in list_incidents(workspace_id, desk.agents)],
        "suggested": show_cases(list_suggested(workspace_id, desk.agents), now=desk.now),
        "agents": list_case_agents(workspace_id, desk.agents),
        "severities": list(Severity),
        "for_all": desk.agents is None,
    }
    return render_page(request, desk, "incidents.html", context, title="Incidents")


@require_POST
@workspace_view(HANDLES, of_agents=True)
def declare(request: HttpRequest, desk: Desk) -> HttpResponse:
    told = _read_declaration(request.POST)
    try:
        made = declare_incident(workspace_id=desk.workspace.pk, told=told, worker=_worker(desk), now=get_now())
    except _REFUSALS as error:
        messages.error(request, f"Nothing was declared: {error}.")
        return redirect(f"{reverse('approvals:incidents')}?workspace={desk.workspace.slug}")
    return redirect("approvals:incident", made)


@require_safe
@incident_view("view_requests")
def incident(request: HttpRequest, desk: Desk, row: Incident) -> HttpResponse:
    context = {
        "page": show_incident(row, now=desk.now, agents=desk.agents),
        "severities": list(Severity),
        "controls": [(control.value, words) for control, words in CONTROL_WORDS.items()],
    }
    return render_page(request, desk, "incident.html", context, title="Incident")


@require_POST
@incident_view(HANDLES)
def change_incident(request: HttpRequest, desk: Desk, row: Incident) -> HttpResponse:
    """One of: note, findings, mitigate, close."""
    try:
        _change(request.POST, row, _worker(desk), get_now())
    except _REFUSALS as error:
        messages.error(request, f"Nothing was done: {error}.")
    return redirect("approvals:incident", row.pk)


def _change(data: QueryDict, row: Incident, worker: Worker, now: datetime) -> None:
    told: dict[str, Any] = {"incident_id": row.pk, "worker": worker, "now": now}
    match data.get("verb", ""):
        case "note":
            note_incident(text=data.get("comment", ""), **told)
        case "findings":
            found = Findings(*(data.get(name, "")[:8_000] for name in ("root_cause", "control", "remedy")))
            severity, ended_at = data.get("severity", ""), _moment(data.get("ended_at", ""))
            find_out(severity=severity, findings=found, ended_at=ended_at, **told)
        case "mitigate":
            mitigate_incident(**told)
        case "close":
            close_incident(**told)
        case _:
            raise IncidentError("choose what to do")


def _read_declaration(data: QueryDict) -> Declaration:
    try:
        case_id = UUID(data.get("case", ""))
    except ValueError:
        case_id = None
    return Declaration(
        title=data.get("title", ""),
        severity=data.get("severity", ""),
        case_id=case_id,
        agent=data.get("agent", ""),
        began_at=_moment(data.get("began_at", "")),
        ended_at=_moment(data.get("ended_at", "")),
    )


def _moment(text: str) -> datetime | None:
    """A time as the browser's field sends it, in UTC."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=_UTC) if found is not None and found.tzinfo is None else found


def _worker(desk: Desk) -> Worker:
    return Worker(desk.require_person(), desk.user.pk)
