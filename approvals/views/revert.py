"""Revert: before, ours and now side by side, then one confirmation (RVT-01, RVT-03)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from approvals.models import AgentActionRequest
from approvals.services.pages.revert import show_revert
from approvals.services.revert import RevertError, RevertSubmission, revert_request
from approvals.views.access import Desk, request_view
from approvals.views.page import render_page
from approvals.views.refusals import refusal_words
from audit.selectors.clock import get_now
from governance.selectors.access import NotAllowedError

MAX_REASON = 2_000


@require_http_methods(["GET", "HEAD", "POST"])
@request_view("revert_requests")
def revert(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, desk, row)
    try:
        submission = revert_request(
            request_id=row.pk,
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            reason=request.POST.get("reason", "").replace("\x00", "").strip()[:MAX_REASON],
            now=get_now(),
            drop_fields=frozenset(request.POST.getlist("keep")),
        )
    except (RevertError, NotAllowedError) as error:
        return _page(request, desk, row, refusal=refusal_words(error, row), status=getattr(error, "http_status", 403))
    messages.success(request, _words(submission))
    return redirect("approvals:trace", submission.request_id)


def _page(
    request: HttpRequest, desk: Desk, row: AgentActionRequest, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    page = show_revert(row, person_id=desk.person_id, user_id=desk.user.pk)
    return render_page(request, desk, "revert.html", {"page": page, "refusal": refusal}, title="Revert", status=status)


def _words(submission: RevertSubmission) -> str:
    if submission.status == "denied":
        return f"The revert was refused by policy ({submission.status_code}). Nothing was changed."
    if submission.status == "pending":
        return "The revert waits for an approval."
    return "The revert is on its way. This is its own trace."
