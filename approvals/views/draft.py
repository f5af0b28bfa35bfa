"""Asking a draft what it would do with a request: a look, and nothing else (POL-07)."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.models import AgentActionRequest
from approvals.services.draft_preview import ROWS, SHADOW
from approvals.services.pages.draft import show_draft
from approvals.views.access import Desk, request_view
from approvals.views.page import render_page

ASKERS = frozenset({"edit_policy", "publish_policy", "view_ledger"})


@require_safe
@request_view("view_requests")
def ask_draft(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    """The draft is for those who make policy or watch over it."""
    if desk.permissions.isdisjoint(ASKERS):
        raise PermissionDenied("edit_policy")
    source = SHADOW if request.GET.get("source") == SHADOW else ROWS
    page = show_draft(row, source=source)
    return render_page(request, desk, "draft.html", {"page": page}, title="What would the draft do?")
