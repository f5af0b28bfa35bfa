"""Quality's results with the rows behind each number, and the weekly ledger review (QAS-02, QAS-03)."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.models import LedgerReview, LedgerReviewItem
from approvals.selectors.ledger_reviews import list_picked, list_weeks
from approvals.selectors.quality_results import list_result_rows
from approvals.services.ledger_reviews import judge_record
from approvals.services.pages.quality_results import PERIODS, show_canaries, show_results
from approvals.services.quality_errors import QualityError
from approvals.views.access import Desk, desk_at, signed_in, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now

KINDS = {
    "scored": "scored",
    "wrong": "wrong when scored",
    "overwritten": "overwritten by a person",
    "judged": "kept or overwritten",
    "watched": "still watched",
}


@require_safe
@workspace_view("view_quality", of_agents=True)
def quality_results(request: HttpRequest, desk: Desk) -> HttpResponse:
    agent = request.GET.get("agent", "")[:80]
    page = show_results(
        workspace_id=desk.workspace.pk, days=_days(request), agent=agent, now=desk.now, agents=desk.agents
    )
    context = {"page": page, "periods": PERIODS, "agent": agent}
    return render_page(request, desk, "quality_results.html", context, title="Results of quality")


@require_safe
@workspace_view("review_requests", "review_access", of_agents=True)
def canaries(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everybody's results for who answers for people's rights, else one's own, with the agents that one reviews."""
    sees_all = "review_access" in desk.permissions
    person_id = None if sees_all else desk.require_person()
    page = show_canaries(
        workspace_id=desk.workspace.pk, days=_days(request), person_id=person_id, now=get_now(), agents=desk.agents
    )
    context = {"page": page, "periods": PERIODS, "sees_all": sees_all}
    return render_page(request, desk, "canaries.html", context, title="Canaries")


@require_safe
@workspace_view("view_quality", of_agents=True)
def quality_rows(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The requests behind one number."""
    kind, now = request.GET.get("kind", ""), get_now()
    if kind not in KINDS:
        raise Http404
    place = tuple(request.GET.get(name, "").replace("\x00", "")[:120] for name in ("agent", "object", "field"))
    rows = list_result_rows(
        workspace_id=desk.workspace.pk,
        kind=kind,
        place=(place[0], place[1], place[2]),
        since=now - timedelta(days=_days(request)),
        until=now,
        agents=desk.agents,
    )
    context = {"rows": rows, "kind": KINDS[kind], "place": place, "days": _days(request)}
    return render_page(request, desk, "quality_rows.html", context, title="Behind the number")


@require_safe
@workspace_view("view_quality")
def ledger_reviews(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The newest week, or the one asked for."""
    weeks = list_weeks(workspace_id=desk.workspace.pk)
    wanted = request.GET.get("week", "")
    review = next((week for week in weeks if wanted in ("", week.week)), None)
    if wanted and review is None:
        raise Http404
    context = {"weeks": weeks, "review": review, "records": list_picked(review) if review is not None else ()}
    return render_page(request, desk, "ledger_reviews.html", context, title="Ten records of the week")


@require_POST
@login_required
def judge_picked(request: HttpRequest, item_id: UUID) -> HttpResponse:
    item = LedgerReviewItem.objects.select_related("review__workspace").filter(pk=item_id).first()
    if item is None:
        raise Http404
    desk = desk_at(signed_in(request), item.review.workspace)
    desk.require("score_quality")
    try:
        judge_record(
            item_id=item_id,
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            verdict=request.POST.get("verdict", ""),
            note=request.POST.get("note", ""),
            now=get_now(),
        )
    except QualityError as error:
        messages.error(request, f"Not kept: {error}.")
    return _back(item.review, desk)


def _back(review: LedgerReview, desk: Desk) -> HttpResponse:
    return redirect(f"{reverse('approvals:ledger_reviews')}?workspace={desk.workspace.slug}&week={review.week}")


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(days) for days in PERIODS} else 28
