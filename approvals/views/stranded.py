"""Requests that nobody may decide as things are (APR-05)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.selectors.stranded import count_stranded, list_stranded
from approvals.services.pages.rows import show_rows
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page

MOST_ROWS = 100


@require_safe
@workspace_view("view_requests", of_agents=True)
def stranded(request: HttpRequest, desk: Desk) -> HttpResponse:
    group, workspace_id = request.GET.get("group", ""), desk.workspace.pk
    rows = list_stranded(workspace_id=workspace_id, group=group, limit=MOST_ROWS, agents=desk.agents)
    count = count_stranded(workspace_id=workspace_id, agents=desk.agents) if not group else len(rows)
    context = {"rows": show_rows(rows, now=desk.now), "count": count, "group": group}
    return render_page(request, desk, "stranded.html", context, title="Nobody can decide")
