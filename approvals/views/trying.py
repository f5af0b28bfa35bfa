"""Trying a proposal that nobody made on the policy in force and on the draft: a look, and nothing else (POL-07)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from approvals.services.pages.trying import example_body, list_askable, show_try
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
    workspace_id = desk.workspace.pk
    agents, body, agent = list_askable(workspace_id), request.POST.get("body", ""), request.POST.get("agent", "")
    context: dict[str, Any] = {"agents": agents, "agent": agent, "body": body or example_body(workspace_id)}
    if request.method == "POST":
        try:
            context["page"] = show_try(
                workspace_id=workspace_id, agent_id=_agent(agent), body=body.encode(), now=get_now()
            )
        except TrialRefusedError as refused:
            context["refused"] = refused
    return render_page(request, desk, "try_out.html", context, title="Try a proposal")


def _agent(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise TrialRefusedError("unknown_agent", "choose an agent of this workspace") from error
