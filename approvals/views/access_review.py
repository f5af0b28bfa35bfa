"""Access review: campaigns, the rows of one, a click that confirms or withdraws, and the files (IDN-08)."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.access_review import KIND_WORDS, RowState
from approvals.models import AccessReview, AccessReviewRow
from approvals.selectors.access_reviews import find_review, list_review_lines, list_reviews
from approvals.services.access_review import AccessReviewError, decide_row, export_review, start_review
from approvals.views.access import Desk, open_desk, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.selectors.access import NotAllowedError
from governance.services.delegations import DelegationError
from governance.services.roles import SuperuserError

SEEN_BY = ("review_access", "view_ledger")
PER_PAGE = 100
_REFUSALS = (AccessReviewError, DelegationError, SuperuserError, NotAllowedError, LedgerUnavailableError)
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@require_safe
@workspace_view(*SEEN_BY)
def access_reviews(request: HttpRequest, desk: Desk) -> HttpResponse:
    today = get_now().date()
    found = [(item, item.progress.is_overdue(today)) for item in list_reviews(desk.workspace)]
    context = {"reviews": found, "today": today}
    return render_page(request, desk, "access_reviews.html", context, title="Access reviews")


@require_POST
@workspace_view("review_access")
def begin(request: HttpRequest, desk: Desk) -> HttpResponse:
    title, due = request.POST.get("title", "")[:120], _date(request.POST.get("due_date", ""))
    try:
        if due is None:
            raise AccessReviewError("say until when it is to be done")
        started = start_review(
            workspace_id=desk.workspace.pk, title=title, due_date=due, user_id=desk.user.pk, now=get_now()
        )
    except _REFUSALS as error:
        messages.error(request, f"The review was not started: {error}.")
        return redirect(f"{reverse('approvals:access_reviews')}?workspace={desk.workspace.slug}")
    return redirect("approvals:access_review", started)


@require_safe
@login_required
def access_review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    review, desk = _open(request, review_id, *SEEN_BY)
    lines = list_review_lines(review)
    kind, state = request.GET.get("kind", ""), request.GET.get("state", RowState.OPEN.value)
    shown = [line for line in lines if kind in ("", line.row.kind) and state in ("all", line.state.value)]
    settled = sum(line.state != RowState.OPEN for line in lines)
    context = {
        "review": review,
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "total": len(lines),
        "settled": settled,
        "is_overdue": settled < len(lines) and get_now().date() > review.due_date,
        "choices": {"kinds": [(item.value, words) for item, words in KIND_WORDS.items()], "states": list(RowState)},
        "chosen": {"kind": kind, "state": state},
    }
    return render_page(request, desk, "access_review.html", context, title=review.title)


@require_POST
@login_required
def decide(request: HttpRequest, row_id: UUID) -> HttpResponse:
    row = AccessReviewRow.objects.filter(pk=row_id).first()
    if row is None:
        raise Http404
    review, desk = _open(request, row.review_id, "review_access")
    verdict, digest = request.POST.get("verdict", ""), request.POST.get("digest", "")
    try:
        decide_row(row_id=row_id, verdict=verdict, digest=digest, user_id=desk.user.pk, now=get_now())
        messages.success(request, f"{'Withdrawn' if verdict == 'withdraw' else 'Confirmed'}: {row.holder}.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was decided: {error}.")
    query = {name: request.POST[name] for name in ("kind", "state", "page") if request.POST.get(name)}
    return redirect(f"{reverse('approvals:access_review', args=[review.pk])}?{urlencode(query)}")


@require_safe
@login_required
def export_access_review(request: HttpRequest, review_id: UUID, kind: str) -> HttpResponse:
    _open(request, review_id, *SEEN_BY)
    if kind not in _TYPES:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="access-review.{kind}"', "Cache-Control": "no-store"}
    return HttpResponse(export_review(review_id=review_id, kind=kind), content_type=_TYPES[kind], headers=headers)


def _open(request: HttpRequest, review_id: UUID, *permissions: str) -> tuple[AccessReview, Desk]:
    """The campaign and the desk in its workspace. To whom holds nothing of it there it does not exist."""
    review = find_review(review_id)
    if review is None:
        raise Http404
    desk = open_desk(request, review.workspace.slug, permissions=SEEN_BY)
    desk.require(*permissions)
    return review, desk


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
