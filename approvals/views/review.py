"""The review page: read the diff, then approve or deny the very digest that was read (APR-03, APR-04)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.canary import CanaryOutcome
from approvals.domain.put_off import CHOICES
from approvals.models import AgentActionRequest
from approvals.selectors.inbox import list_inbox
from approvals.selectors.requests import find_request
from approvals.services.pages.edit_form import Typed
from approvals.services.pages.review import DENY_REASONS, show_review
from approvals.services.pages.standing import may_stand
from approvals.services.reservations import leave, pick_free
from approvals.services.review import ReviewError, VoteResult, cast_vote
from approvals.views.access import Desk, request_view
from approvals.views.filters import read_inbox_filters
from approvals.views.page import render_page
from approvals.views.refusals import refusal_words
from approvals.views.standing import give_if_asked
from audit.selectors.clock import get_now
from governance.selectors.access import NotAllowedError

MAX_REASON = 2_000
_MADE_UP = "made to be denied, to see whether somebody looks."
_AHEAD = 5
"""Among how many of the next ones a free one is looked for."""


@require_safe
@request_view("view_requests")
def review(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    return review_page(request, desk, row)


@require_POST
@request_view("review_requests")
def approve(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    return _vote(request, desk, row, verdict="approve", reason="")


@require_POST
@request_view("review_requests")
def deny(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    preset = dict(DENY_REASONS).get(request.POST.get("preset", ""), "")
    note = request.POST.get("note", "").replace("\x00", "").strip()[:MAX_REASON]
    reason = ": ".join(part for part in (preset, note) if part)
    if not reason:
        return review_page(
            request, desk, row, refusal="Say why: choose a reason or write one. Nothing was decided.", status=400
        )
    return _vote(request, desk, row, verdict="deny", reason=reason)


def _vote(request: HttpRequest, desk: Desk, row: AgentActionRequest, *, verdict: str, reason: str) -> HttpResponse:
    try:
        result = cast_vote(
            request_id=row.pk,
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            digest=request.POST.get("digest", ""),
            verdict=verdict,
            reason=reason,
            now=get_now(),
        )
    except (ReviewError, NotAllowedError) as error:
        return refused(request, desk, row, error)
    leave(request_id=row.pk, person_id=desk.require_person())
    tell_result(request, result, _result_words(verdict, result))
    if verdict == "approve" and result.canary is None:
        give_if_asked(request, desk, row)
    return redirect(next_address(request, desk, row))


def refused(
    request: HttpRequest, desk: Desk, row: AgentActionRequest, error: ReviewError | NotAllowedError
) -> HttpResponse:
    """The page as it is now, with the refusal in a sentence."""
    fresh = find_request(request_id=row.pk) or row
    status = getattr(error, "http_status", 403)
    return review_page(request, desk, fresh, refusal=refusal_words(error, fresh), status=status)


def review_page(
    request: HttpRequest,
    desk: Desk,
    row: AgentActionRequest,
    *,
    refusal: str = "",
    status: int = 200,
    typed: Typed | None = None,
) -> HttpResponse:
    """The page, with the form as it was `typed` where a correction was refused."""
    context = {
        "page": show_review(row, person_id=desk.person_id, now=desk.now, typed=typed),
        "deny_reasons": DENY_REASONS,
        "put_off_choices": CHOICES,
        "may_stand": may_stand(row),
        "filters": read_inbox_filters(request.GET),
        "refusal": refusal,
    }
    return render_page(request, desk, "review.html", context, title="Review", status=status)


def next_address(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> str:
    """The next one that waits under the same filters, from here on and then from the top, first what nobody else has
    open; else the empty inbox."""
    filters = read_inbox_filters(request.GET)
    for after in (str(row.pk), ""):
        page = list_inbox(
            workspace_id=row.workspace_id,
            person_id=desk.person_id,
            after=after,
            limit=_AHEAD,
            agent=filters.agent,
            object_type=filters.object,
            group=filters.group,
            like=filters.like,
            agents=desk.narrow("review_requests"),
        )
        found = pick_free([item.pk for item in page.requests], person_id=desk.require_person(), now=get_now())
        if found is not None:
            return _with_query(reverse("approvals:review", args=[found]), filters.query)
    return _with_query(reverse("approvals:inbox"), filters.query)


def _with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def tell_result(request: HttpRequest, result: VoteResult, words: str) -> None:
    """What became of it; of a canary, at once, what it was."""
    if result.canary is CanaryOutcome.MISSED:
        messages.error(request, f"This was a canary: {_MADE_UP} You approved it; nothing was written. Look closer.")
    elif result.canary is CanaryOutcome.CAUGHT:
        messages.success(request, f"Well caught: this was a canary, {_MADE_UP} Nothing was written.")
    else:
        messages.success(request, words)


def _result_words(verdict: str, result: VoteResult) -> str:
    if verdict == "deny":
        return "Denied. Nothing was changed."
    if result.status == "pending":
        return "Your approval counts. It still waits for somebody else."
    return "Approved. It runs now."
