"""Deciding several requests together: first the question, then the report of each (APR-06)."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.batch_outcome import MOST_AT_ONCE
from approvals.models import BatchDecision
from approvals.selectors.batches import find_batch, find_batch_decision, get_batch_page
from approvals.services.batch_decision import BatchDecisionError, Choice, decide_batch, go_through
from approvals.services.pages.batch import ask_batch, show_report
from approvals.services.pages.inbox import show_lines
from approvals.services.pages.review import DENY_REASONS
from approvals.views.access import Desk, desk_at, own_desk, signed_in, workspace_view
from approvals.views.filters import InboxFilters, read_cursor, read_inbox_filters
from approvals.views.page import render_page
from approvals.views.review import MAX_REASON
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REFUSALS = {
    "nothing_chosen": "Nothing was decided: select at least one request.",
    "too_many_chosen": f"Nothing was decided: select at most {MOST_AT_ONCE} at once.",
    "reason_missing": "Nothing was decided: say why, choose a reason or write one.",
}


@require_POST
@workspace_view("review_requests", of_agents=True)
def batch_confirm(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Shows what one click would approve. Decides nothing."""
    seen = {choice.request_id: choice.digest for choice in _choices(request.POST.getlist("item"))}
    if not 0 < len(seen) <= MOST_AT_ONCE:
        messages.error(request, _REFUSALS["too_many_chosen" if seen else "nothing_chosen"])
        return redirect(_back(request))
    context = {
        "question": ask_batch(workspace_id=desk.workspace.pk, seen=seen, now=get_now(), agents=desk.agents),
        "filters": InboxFilters(),
        "back": _back(request),
        "back_query": _query(request),
        "key": new_id(),
    }
    return render_page(request, desk, "batch_confirm.html", context, title="Approve together")


@require_POST
@workspace_view("review_requests", of_agents=True)
def batch_decide(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        decision_id = decide_batch(
            workspace_id=desk.workspace.pk,
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
            **_asked(request.POST),
        )
    except BatchDecisionError as error:
        messages.error(request, _REFUSALS[error.code])
        return redirect(_back(request))
    return redirect(_with_query(reverse("approvals:batch_report", args=[decision_id]), _query(request)))


@require_safe
@login_required
def batch_report(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """What became of each request of one batch decision, for who may read the workspace's requests."""
    decision, desk = _decision(request, decision_id)
    desk.require("view_requests")
    filters = read_inbox_filters(request.GET)
    context = {
        "report": show_report(decision, now=desk.now, agents=desk.agents),
        "back": _with_query(reverse("approvals:inbox"), filters.query),
        "is_mine": decision.person_id == desk.person_id,
    }
    return render_page(request, desk, "batch_report.html", context, title="What became of them")


@require_POST
@login_required
def batch_continue(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Goes on with one's own decision that broke off."""
    decision, desk = _decision(request, decision_id)
    desk.require("review_requests")
    if decision.person_id != desk.require_person():
        raise Http404
    go_through(decision_id=decision.pk, now=get_now())
    return redirect("approvals:batch_report", decision_id)


@require_safe
@login_required
def agent_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """What an agent proposed as one manifest, with what is left to decide."""
    batch = find_batch(batch_id=batch_id)
    if batch is None:
        raise Http404
    desk = desk_at(signed_in(request), batch.workspace, batch.agent_id)
    desk.require("view_requests")
    page = get_batch_page(batch, after=read_cursor(request.GET, "after"))
    context = {
        "page": page,
        "lines": show_lines(page.requests, now=desk.now),
        "filters": InboxFilters(),
        "deny_reasons": DENY_REASONS,
        "key": new_id(),
        "is_first_page": "after" not in request.GET,
    }
    return render_page(request, desk, "agent_batch.html", context, title="Batch")


def _decision(request: HttpRequest, decision_id: UUID) -> tuple[BatchDecision, Desk]:
    """Raises Http404 where it is none, or of a workspace in which the person holds nothing. Who holds rights for single
    agents alone sees their own decisions."""
    decision = find_batch_decision(decision_id=decision_id)
    if decision is None:
        raise Http404
    user = signed_in(request)
    is_own = decision.person_id == user.person_id
    return decision, (own_desk if is_own else desk_at)(user, decision.workspace)


def _asked(form: QueryDict) -> dict[str, Any]:
    preset = dict(DENY_REASONS).get(form.get("preset", ""), "")
    note = form.get("note", "").replace("\x00", "").strip()[:MAX_REASON]
    verdict = form.get("verdict", "")
    return {
        "key": form.get("key", "")[:80].replace("\x00", ""),
        "choices": _choices(form.getlist("item")),
        "taken_out": [choice.request_id for choice in _choices(form.getlist("shown"))],
        "verdict": verdict,
        "reason": ": ".join(part for part in (preset, note) if part) if verdict == "deny" else "",
    }


def _choices(texts: Iterable[str]) -> list[Choice]:
    """`id:digest` as the rows send it. What is no id is left out; what is no digest fits no request."""
    found = []
    for text in texts:
        name, _, digest = text.partition(":")
        try:
            found.append(Choice(UUID(name), digest if _DIGEST.fullmatch(digest) else ""))
        except ValueError:
            continue
    return found


def _query(request: HttpRequest) -> str:
    """The filters under which the list was shown, read like any other and written anew."""
    return read_inbox_filters(QueryDict(request.POST.get("back", ""))).query


def _back(request: HttpRequest) -> str:
    return _with_query(reverse("approvals:inbox"), _query(request))


def _with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address
