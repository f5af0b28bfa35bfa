"""The inbox: what waits for this person, oldest first (APR-03)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.selectors.inbox import list_inbox
from approvals.selectors.list_choices import list_choices
from approvals.services.pages.rows import show_rows
from approvals.views.access import Desk, workspace_view
from approvals.views.filters import read_cursor, read_inbox_filters
from approvals.views.page import render_page
from audit.selectors.clock import get_now

PAGE_SIZE = 50


@require_safe
@workspace_view("view_requests")
def inbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    filters = read_inbox_filters(request.GET)
    page = list_inbox(
        workspace_id=desk.workspace.pk,
        person_id=desk.person_id,
        after=read_cursor(request.GET, "after"),
        limit=PAGE_SIZE,
        agent=filters.agent,
        object_type=filters.object,
        group=filters.group,
    )
    context = {
        "rows": show_rows(page.requests, now=get_now()),
        "after": page.after,
        "is_first_page": "after" not in request.GET,
        "filters": filters,
        "choices": list_choices(workspace_id=desk.workspace.pk),
    }
    return render_page(request, desk, "inbox.html", context, title="Inbox")
