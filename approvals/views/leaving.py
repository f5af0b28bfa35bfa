"""Leaving soon: everything in its send window, each with one click that keeps it back (APR-14)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.services.pages.leaving import show_leaving
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page


@require_safe
@workspace_view("view_requests", of_agents=True)
def leaving(request: HttpRequest, desk: Desk) -> HttpResponse:
    page = show_leaving(workspace_id=desk.workspace.pk, now=desk.now, agents=desk.agents)
    return render_page(request, desk, "leaving.html", {"page": page}, title="Leaving soon")
