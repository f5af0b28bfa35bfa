"""Trying a proposal that nobody made on the policy in force and on the draft: a look, and nothing else (POL-07)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from approvals.services.pages.trying import get_example, list_askable, show_try
from approvals.services.trying import TrialRefusedError
from approvals.views.access import Desk, workspace_view
from approvals.views.draft import ASKERS
from approvals.views.page import render_page
from audit.selectors.clock import get_now


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_view("view_requests")
def try_out(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET: the form, with an example. POST: both answers. For those who make policy or watch over it."""
    if desk.permissions.isdisjoint(ASKERS):
        raise PermissionDenied("edit_policy")
    body, agent = get_example(desk.workspace.pk)
    answers: dict[str, Any] = {}
    if request.method == "POST":
        body, agent = request.POST.get("body", ""), request.POST.get("agent", "")
        answers = _ask(desk.workspace.pk, agent, body)
    context = {"agents": list_askable(desk.workspace.pk), "agent": agent, "body": body, **answers}
    return render_page(request, desk, "try_out.html", context, title="Try a proposal")


def _ask(workspace_id: UUID, agent: str, body: str) -> dict[str, Any]:
    try:
        return {"page": show_try(workspace_id=workspace_id, agent_id=_agent(agent), body=body.encode(), now=get_now())}
    except TrialRefusedError as refused:
        return {"refused": refused}


def _agent(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise TrialRefusedError("unknown_agent", "choose an agent of this workspace") from error
