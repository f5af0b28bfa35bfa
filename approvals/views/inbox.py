"""The inbox: what waits for this person, oldest first, like beside like (APR-03, APR-06)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.selectors.inbox import list_inbox
from approvals.selectors.list_choices import list_choices
from approvals.services.pages.inbox import show_inbox
from approvals.services.pages.review import DENY_REASONS
from approvals.views.access import Desk, workspace_view
from approvals.views.filters import InboxFilters, read_cursor, read_inbox_filters
from approvals.views.page import render_page
from audit.domain.identifier import new_id

PAGE_SIZE = 50


@require_safe
@workspace_view("view_requests", of_agents=True)
def inbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    filters = read_inbox_filters(request.GET)
    page = list_inbox(
        workspace_id=desk.workspace.pk,
        person_id=desk.person_id,
        after=read_cursor(request.GET, "after"),
        limit=PAGE_SIZE,
        agents=desk.narrow("review_requests"),
        **narrowing(filters),
    )
    context = {
        "entries": show_inbox(page.requests, now=desk.now),
        "count": len(page.requests),
        "after": page.after,
        "is_first_page": "after" not in request.GET,
        "filters": filters,
        "choices": list_choices(workspace_id=desk.workspace.pk, agents=desk.agents),
        "deny_reasons": DENY_REASONS,
        "key": new_id(),
    }
    return render_page(request, desk, "inbox.html", context, title="Inbox")


def narrowing(filters: InboxFilters) -> dict[str, str]:
    """The filters as `list_inbox` takes them."""
    return {"agent": filters.agent, "object_type": filters.object, "group": filters.group, "like": filters.like}
