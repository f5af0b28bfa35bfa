"""The monthly sponsor review, on screen and as a PDF (REP-02)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.domain.months import Month, month_of, read_month
from approvals.services.pages.sponsor import show_sponsor_review
from approvals.services.report_taking import take_sponsor_review
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.services.append import LedgerUnavailableError
from governance.adapters.file_response import NOT_RECORDED, file_response


@require_safe
@workspace_view("view_reports")
def sponsor_review(request: HttpRequest, desk: Desk) -> HttpResponse:
    month = _asked(request, desk)
    sees_ledger = "view_ledger" in desk.permissions
    page = show_sponsor_review(workspace=desk.workspace, month=month, today=desk.now.date(), sees_ledger=sees_ledger)
    context: dict[str, Any] = {"review": page}
    return render_page(request, desk, "sponsor.html", context, title=f"Sponsor review {month.name}")


@require_safe
@workspace_view("view_reports")
def sponsor_file(request: HttpRequest, desk: Desk) -> HttpResponse:
    month = _asked(request, desk)
    try:
        content = take_sponsor_review(workspace=desk.workspace, month=month, actor=desk.actor, now=desk.now)
    except LedgerUnavailableError:
        return HttpResponse(NOT_RECORDED, status=503, content_type="text/plain")
    return file_response(f"sponsor-{desk.workspace.slug}-{month.name}.pdf", content)


def _asked(request: HttpRequest, desk: Desk) -> Month:
    """The month that the address names, else the last that is over: what a review is about."""
    return read_month(request.GET.get("month", "")) or month_of(desk.now.date()).before
