"""Suggestions: what agents would like to see in fields that people own; promoted or dismissed by a click (REG-06)."""

import json
from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.suggestion import MAX_AT_ONCE
from approvals.selectors.suggestions import list_suggestion_choices, list_suggestions
from approvals.services.pages.suggestions import show_suggestions
from approvals.services.promotion import dismiss_suggestion, promote_suggestion
from approvals.services.promotion_errors import PromotionError
from approvals.views.access import Desk, workspace_view
from approvals.views.filters import SuggestionFilters, read_cursor, read_suggestion_filters
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError

_ENDS = {
    "approved": "on its way",
    "pending": "waiting for an approval",
    "conflict": "not done: the record changed since you looked",
}


@require_safe
@workspace_view("view_requests", "promote_suggestions", of_agents=True)
def suggestions(request: HttpRequest, desk: Desk) -> HttpResponse:
    filters = read_suggestion_filters(request.GET)
    page = list_suggestions(
        workspace_id=desk.workspace.pk,
        after=read_cursor(request.GET, "after"),
        agent=filters.agent,
        object_type=filters.object,
        field=filters.field,
        agents=desk.agents,
    )
    context = {
        "rows": show_suggestions(page.rows, now=desk.now),
        "after": page.after,
        "is_first_page": "after" not in request.GET,
        "filters": filters,
        "choices": list_suggestion_choices(workspace_id=desk.workspace.pk, agents=desk.agents),
        "most": MAX_AT_ONCE,
    }
    return render_page(request, desk, "suggestions.html", context, title="Suggestions")


@require_POST
@workspace_view("promote_suggestions", of_agents=True)
def settle_suggestions(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Promote or dismiss what is ticked, each by itself: one that is refused keeps no other from being done."""
    chosen = _chosen(request)
    verdict = "promote" if request.POST.get("only") else request.POST.get("verdict", "")
    if verdict not in ("promote", "dismiss") or not 0 < len(chosen) <= MAX_AT_ONCE:
        messages.error(request, f"Nothing was done: tick 1 to {MAX_AT_ONCE} suggestions, then promote or dismiss them.")
        return _back(request, desk)
    settle = _promote if verdict == "promote" else _dismiss
    for suggestion_id in chosen:
        _settle_one(request, desk, suggestion_id, settle)
    return _back(request, desk)


def _settle_one(
    request: HttpRequest, desk: Desk, suggestion_id: UUID, settle: Callable[[HttpRequest, Desk, UUID], str]
) -> None:
    try:
        messages.success(request, settle(request, desk, suggestion_id))
    except (PromotionError, LedgerUnavailableError) as error:
        messages.error(request, f"Not done: {error}.")


def _promote(request: HttpRequest, desk: Desk, suggestion_id: UUID) -> str:
    done = promote_suggestion(
        suggestion_id=suggestion_id,
        person_id=desk.require_person(),
        user_id=desk.user.pk,
        shown=_shown(request.POST.get(f"shown-{suggestion_id}", "")),
        now=get_now(),
    )
    return f"Promotion {_ENDS.get(done.status, f'refused by policy ({done.status_code})')}."


def _dismiss(request: HttpRequest, desk: Desk, suggestion_id: UUID) -> str:
    dismiss_suggestion(
        suggestion_id=suggestion_id,
        person_id=desk.require_person(),
        user_id=desk.user.pk,
        reason=request.POST.get("reason", ""),
        now=get_now(),
    )
    return "Dismissed. Nothing was changed at the CRM."


def _chosen(request: HttpRequest) -> list[UUID]:
    """The one whose own button was pressed, else what is ticked; an id that is none counts as nothing."""
    found = []
    for text in [request.POST["only"]] if request.POST.get("only") else request.POST.getlist("chosen"):
        try:
            found.append(UUID(text))
        except ValueError:
            return []
    return list(dict.fromkeys(found))


def _shown(text: str) -> object:
    """What stood in the field when the page was made. What is no JSON expects nothing that could be there."""
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _back(request: HttpRequest, desk: Desk) -> HttpResponse:
    names = ("agent", "object", "field")
    filters = SuggestionFilters(workspace=desk.workspace.slug, **{name: request.POST.get(name, "") for name in names})
    return redirect(f"{reverse('approvals:suggestions')}?{filters.query}")
