"""The weekly report, on screen and as a file (REP-01, REP-02)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.domain.weeks import read_week, week_of
from approvals.services.pages.report import TONES, show_report
from approvals.services.report_files import FILE_TYPES, make_report_file
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from governance.adapters.file_response import file_response


@require_safe
@workspace_view("view_reports")
def weekly_report(request: HttpRequest, desk: Desk) -> HttpResponse:
    today = get_now().date()
    week = read_week(request.GET.get("week", "")) or week_of(today)
    page = show_report(workspace=desk.workspace, week=week, today=today)
    context: dict[str, Any] = {"report": page, "file_types": FILE_TYPES, "tones": TONES}
    return render_page(request, desk, "report.html", context, title=f"Report {week.name}")


@require_safe
@workspace_view("view_reports")
def weekly_report_file(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    if kind not in FILE_TYPES:
        raise Http404
    now = get_now()
    week = read_week(request.GET.get("week", "")) or week_of(now.date())
    content = make_report_file(kind=kind, workspace=desk.workspace, week=week, now=now)
    return file_response(f"report-{desk.workspace.slug}-{week.name}.{kind}", content)
