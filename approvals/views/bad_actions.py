"""Reporting a bad action by hand, and what became of one's reports (EXC-05)."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from approvals.domain.bad_action import MAX_TEXT, REASON_WORDS
from approvals.domain.case_words import OUTCOME_WORDS
from approvals.models import AgentActionRequest
from approvals.selectors.bad_actions import list_own_reports
from approvals.selectors.requests import find_request
from approvals.services.bad_action import ReportError, may_report, report_by_person
from approvals.services.pages.rows import show_rows
from approvals.views.access import Desk, make_desk, member_view, signed_in
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError

_OUTCOMES = {outcome.value: words for outcome, words in OUTCOME_WORDS.items()}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def report_action(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """The form, and what it sends. What one may not see does not exist."""
    row, user = find_request(request_id=request_id), signed_in(request)
    if row is None or not may_report(user, row):
        raise Http404
    desk = make_desk(user, row.workspace)
    if request.method == "POST":
        return _send(request, desk, row)
    context = {
        "row": show_rows([row], now=desk.now)[0],
        "reasons": [(reason.value, words) for reason, words in REASON_WORDS.items()],
        "most": MAX_TEXT,
    }
    return render_page(request, desk, "report_action.html", context, title="Report a bad action")


@require_safe
@member_view
def own_reports(request: HttpRequest, desk: Desk) -> HttpResponse:
    found = list_own_reports(workspace_id=desk.workspace.pk, person_id=desk.person_id, agents=desk.agents)
    rows = show_rows([item.request for item in found], now=desk.now)
    shown = [(item, row, _OUTCOMES.get(item.case.outcome, "")) for item, row in zip(found, rows, strict=True)]
    return render_page(request, desk, "own_reports.html", {"reports": shown}, title="Your reports")


def _send(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    reason, text = request.POST.get("reason", ""), request.POST.get("text", "")
    try:
        sent = report_by_person(user_id=desk.user.pk, request_id=row.pk, reason=reason, text=text, now=get_now())
    except (ReportError, LedgerUnavailableError) as error:
        messages.error(request, f"It was not reported: {error}.")
        return redirect("approvals:report_action", row.pk)
    told = (
        "You reported it before."
        if sent.is_replay
        else "Reported. Somebody looks at it; this page tells what came of it."
    )
    messages.success(request, told)
    return redirect(f"{reverse('approvals:own_reports')}?workspace={desk.workspace.slug}")
