"""Exceptions: the queue, bulk triage, and one case (EXC-01…03)."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.case_words import KIND_WORDS
from approvals.models import ExceptionCase
from approvals.selectors.duty import HANDLES, find_person_on_duty, list_handlers
from approvals.selectors.exceptions import MAX_COUNT, VIEWS, count_cases, find_case, list_case_agents, list_cases
from approvals.services.exception_desk import CaseError, Worker, comment_case, reopen_case
from approvals.services.exception_triage import MAX_AT_ONCE, triage
from approvals.services.pages.exceptions import show_case, show_cases
from approvals.views.access import Desk, desk_at, signed_in, workspace_view
from approvals.views.exception_forms import read_case_filters, read_close, read_triage
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError

_REFUSALS = (CaseError, NotAllowedError, LedgerUnavailableError)
CaseView = Callable[[HttpRequest, Desk, ExceptionCase], HttpResponse]


def case_view(permission: str) -> Callable[[CaseView], Callable[..., HttpResponse]]:
    """A page about one case. Without any permission in its workspace or for its agent it does not exist (404), with the
    wrong ones it is refused (403)."""

    def decorate(view: CaseView) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, case_id: UUID) -> HttpResponse:
            case = find_case(case_id)
            if case is None:
                raise Http404
            desk = desk_at(signed_in(request), case.workspace, case.agent_id)
            desk.require(permission)
            return view(request, desk, case)

        return guarded

    return decorate


@require_safe
@workspace_view("view_requests", of_agents=True)
def exceptions(request: HttpRequest, desk: Desk) -> HttpResponse:
    now, filters = desk.now, read_case_filters(request.GET)
    workspace_id, after = desk.workspace.pk, request.GET.get("after", "")
    page = list_cases(
        workspace_id=workspace_id,
        filters=filters,
        person_id=desk.person_id,
        after=after,
        now=now,
        agents=desk.agents,
    )
    context = {
        "rows": show_cases(page.cases, now=now),
        "after": page.after,
        "is_first_page": not after,
        "can_pick": HANDLES in desk.permissions and filters.view != "closed",
        "filters": filters,
        "views": VIEWS,
        "counts": count_cases(workspace_id=workspace_id, now=now, agents=desk.agents),
        "on_duty": find_person_on_duty(workspace_id=workspace_id, now=now),
        **_choices(desk),
    }
    return render_page(request, desk, "exceptions.html", context, title="Exceptions")


def _choices(desk: Desk) -> dict[str, Any]:
    workspace_id = desk.workspace.pk
    return {
        "kinds": [(kind.value, words) for kind, words in KIND_WORDS.items()],
        "agents": list_case_agents(workspace_id, desk.agents),
        "handlers": list(list_handlers(workspace_id)),
        "most": MAX_AT_ONCE,
        "max_count": MAX_COUNT,
    }


@require_POST
@workspace_view(HANDLES, of_agents=True)
def triage_exceptions(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Each ticked case by itself; what was refused is told case by case."""
    chosen, asked = read_triage(request.POST)
    try:
        report = triage(cases=chosen, asked=asked, worker=_worker(desk), now=get_now())
    except CaseError as error:
        messages.error(request, f"Nothing was done: {error}.")
        return _back(request, desk)
    if report.done:
        messages.success(request, f"Done: {report.done} of {len(chosen)}.")
    for case_id, why in report.refused:
        messages.error(request, f"Exception {str(case_id)[-8:]} was left as it is: {why}.")
    return _back(request, desk)


@require_safe
@case_view("view_requests")
def exception(request: HttpRequest, desk: Desk, case: ExceptionCase) -> HttpResponse:
    back = reverse("approvals:exception", args=[case.pk])
    context = {
        "page": show_case(case, back=back, now=desk.now),
        "handlers": list(list_handlers(case.workspace_id, case.agent_id)) if HANDLES in desk.permissions else [],
    }
    return render_page(request, desk, "exception.html", context, title="Exception")


@require_POST
@case_view(HANDLES)
def comment(request: HttpRequest, desk: Desk, case: ExceptionCase) -> HttpResponse:
    text = request.POST.get("comment", "")
    return _do(request, case, lambda: comment_case(case_id=case.pk, worker=_worker(desk), text=text, now=get_now()))


@require_POST
@case_view(HANDLES)
def move(request: HttpRequest, desk: Desk, case: ExceptionCase) -> HttpResponse:
    """Own, hand over, snooze: the same verbs as for many."""
    _, asked = read_triage(request.POST)
    try:
        report = triage(cases=[case.pk], asked=asked, worker=_worker(desk), now=get_now())
    except CaseError as error:
        messages.error(request, f"Nothing was done: {error}.")
    else:
        for _, why in report.refused:
            messages.error(request, f"Nothing was done: {why}.")
    return redirect("approvals:exception", case.pk)


@require_POST
@case_view(HANDLES)
def close(request: HttpRequest, desk: Desk, case: ExceptionCase) -> HttpResponse:
    return _do(request, case, lambda: read_close(request.POST)(case.pk, _worker(desk), get_now()))


@require_POST
@case_view(HANDLES)
def reopen(request: HttpRequest, desk: Desk, case: ExceptionCase) -> HttpResponse:
    reason = request.POST.get("comment", "")
    return _do(request, case, lambda: reopen_case(case_id=case.pk, worker=_worker(desk), reason=reason, now=get_now()))


def _worker(desk: Desk) -> Worker:
    return Worker(desk.require_person(), desk.user.pk)


def _do(request: HttpRequest, case: ExceptionCase, deed: Callable[[], None]) -> HttpResponse:
    try:
        deed()
    except _REFUSALS as error:
        messages.error(request, f"Nothing was done: {error}.")
    return redirect("approvals:exception", case.pk)


def _back(request: HttpRequest, desk: Desk) -> HttpResponse:
    query = read_case_filters(request.POST).query
    return redirect(f"{reverse('approvals:exceptions')}?workspace={desk.workspace.slug}&{query}")
