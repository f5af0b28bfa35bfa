"""Replay and lab: look again at one decision; nothing is committed (RPL-01/02)."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.models import AgentActionRequest
from approvals.selectors.trace import trace_of
from approvals.services.pages.replay import STATE_WORDS, show_replay
from approvals.views.access import Desk, request_view
from approvals.views.draft import ASKERS
from approvals.views.page import render_page


@require_safe
@request_view("view_requests")
def replay_lab(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    """Facts are what the CRM and our tables held: for those who make policy or watch over it."""
    if desk.permissions.isdisjoint(ASKERS):
        raise PermissionDenied("view_ledger")
    trace = trace_of(row)
    chosen = {name: request.GET.get(name, "").replace("\x00", "")[:2_000] for name in ("policy", "place", "value")}
    page = show_replay(trace, **chosen)
    words = {state.value: text for state, text in STATE_WORDS.items()}
    context = {"page": page, "row": trace.request, "chosen": chosen, "words": words}
    return render_page(request, desk, "replay.html", context, title="Replay and lab")
