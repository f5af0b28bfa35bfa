"""Requests that nobody may decide as things are (APR-05)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.selectors.stranded import count_stranded, list_stranded
from approvals.services.pages.rows import show_rows
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page


@require_safe
@workspace_view("view_requests")
def stranded(request: HttpRequest, desk: Desk) -> HttpResponse:
    rows = list_stranded(workspace_id=desk.workspace.pk)
    context = {"rows": show_rows(rows, now=desk.now), "count": count_stranded(workspace_id=desk.workspace.pk)}
    return render_page(request, desk, "stranded.html", context, title="Nobody can decide")
