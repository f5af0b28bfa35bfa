"""The weekly report, on screen and as a file (REP-01, REP-02)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.domain.case_words import KIND_WORDS, cause_words
from approvals.domain.exception_case import CaseKind
from approvals.domain.weeks import read_week, week_of
from approvals.selectors.report_cases import CaseMeasure, list_cases, list_scores
from approvals.services.pages.report import TONES, show_report
from approvals.services.pages.report_cases import MEASURE_WORDS, show_cases_part
from approvals.services.report_files import FILE_TYPES
from approvals.services.report_taking import take_weekly_report
from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.services.append import LedgerUnavailableError
from governance.adapters.file_response import NOT_RECORDED, file_response

MOST_ROWS = 500
_CARDS = {"scored": "cards scored in the week", "failed": "cards that failed in the week"}
_BEHIND = {measure.value: f"exceptions {words}" for measure, words in MEASURE_WORDS.items()} | _CARDS


@require_safe
@workspace_view("view_reports", of_agents=True)
def weekly_report(request: HttpRequest, desk: Desk) -> HttpResponse:
    now = desk.now
    week = read_week(request.GET.get("week", "")) or week_of(now.date())
    page = show_report(
        workspace=desk.workspace,
        week=week,
        today=now.date(),
        sees_ledger="view_ledger" in desk.permissions,
        agents=desk.agents,
    )
    cases = show_cases_part(workspace=desk.workspace, week=week, now=now, agents=desk.agents)
    context: dict[str, Any] = {"report": page, "cases": cases, "file_types": FILE_TYPES, "tones": TONES}
    return render_page(request, desk, "report.html", context, title=f"Report {week.name}")


@require_safe
@workspace_view("view_reports", of_agents=True)
def report_cases(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases or cards behind one number of the report."""
    now, what, kind = desk.now, request.GET.get("what", ""), request.GET.get("kind", "")
    week = read_week(request.GET.get("week", ""))
    if week is None or what not in _BEHIND or kind not in {"", *CaseKind}:
        raise Http404
    kind_words = KIND_WORDS[CaseKind(kind)] if kind else ""
    context: dict[str, Any] = {"week": week, "words": _BEHIND[what], "kind": kind_words}
    if what in _CARDS:
        rows = list_scores(workspace_id=desk.workspace.pk, week=week, is_failed=what == "failed", agents=desk.agents)
        context["scores"] = rows[:MOST_ROWS]
    else:
        cases = list_cases(
            workspace_id=desk.workspace.pk,
            week=week,
            now=now,
            measure=CaseMeasure(what),
            kind=kind,
            agents=desk.agents,
        )
        context["cases"] = [(case, cause_words(case.kind, case.code)) for case in cases[:MOST_ROWS]]
    return render_page(request, desk, "report_cases.html", context, title="Behind the number")


@require_safe
@workspace_view("view_reports", of_agents=True)
def weekly_report_file(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    if kind not in FILE_TYPES:
        raise Http404
    now = desk.now
    week = read_week(request.GET.get("week", "")) or week_of(now.date())
    try:
        content = take_weekly_report(
            kind=kind, workspace=desk.workspace, week=week, actor=desk.actor, now=now, agents=desk.agents
        )
    except LedgerUnavailableError:
        return HttpResponse(NOT_RECORDED, status=503, content_type="text/plain")
    return file_response(f"report-{desk.workspace.slug}-{week.name}.{kind}", content)
