"""Drift in the console: how each CRM is watched, and whose the changes there were."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.services.pages.drift import show_drift
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page


@require_safe
@workspace_view("view_requests")
def drift(request: HttpRequest, desk: Desk) -> HttpResponse:
    context = {"page": show_drift(desk.workspace.pk, now=desk.now)}
    return render_page(request, desk, "drift.html", context, title="Drift")
