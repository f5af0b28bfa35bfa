"""The trace: one request on one screen, the button that stops its agent, and the word that settles what is unknown."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.models import AgentActionRequest
from approvals.selectors.trace import list_trace_links, trace_of
from approvals.services.cancel import CancelError, cancel_request
from approvals.services.pages.trace import show_trace
from approvals.services.resolution import ResolutionError, resolve_unknown
from approvals.services.stop import stop
from approvals.views.access import Desk, request_view
from approvals.views.page import render_page
from approvals.views.refusals import refusal_words
from audit.selectors.clock import get_now
from governance.domain.golden import golden_codes
from governance.selectors.access import NotAllowedError
from governance.services.golden import GoldenCaseError, keep_golden_case
from governance.services.switches import SwitchError

MAX_REASON = 2_000


@require_safe
@request_view("view_requests")
def trace(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    links = list_trace_links(row) if "view_ledger" in desk.permissions else ()
    return render_page(request, desk, "trace.html", {"page": show_trace(trace_of(row)), "links": links}, title="Trace")


@require_POST
@request_view("engage_switches")
def stop_agent(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    """Engage the kill switch of the request's agent; what waits in its send window is cancelled with it."""
    if row.agent is None:
        raise Http404
    try:
        stop(
            workspace_id=row.workspace_id,
            kind="agent",
            agent_id=row.agent_id,
            reason=request.POST.get("reason", "").replace("\x00", "").strip()[:MAX_REASON],
            actor=desk.actor,
            now=get_now(),
            user_id=desk.user.pk,
        )
        messages.success(request, f"{row.agent.name} is stopped until its switch is lifted.")
    except (SwitchError, NotAllowedError) as error:
        messages.error(request, refusal_words(error, row))
    return redirect("approvals:trace", row.pk)


@require_POST
@request_view("publish_policy")
def keep_golden(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    """Every later policy must decide this request as it was decided (POL-05)."""
    try:
        keep_golden_case(
            workspace_id=row.workspace_id,
            name=request.POST.get("name", "").replace("\x00", "")[:120],
            facts=row.facts,
            outcome=row.outcome,
            codes=golden_codes(row.decision),
            note=request.POST.get("reason", "").replace("\x00", "")[:MAX_REASON],
            source_request=row.pk,
            actor=desk.actor,
            now=get_now(),
        )
        messages.success(request, "Kept. No policy comes into force that decides it otherwise.")
    except GoldenCaseError as error:
        messages.error(request, f"Not kept: {error}")
    return redirect("approvals:trace", row.pk)


@require_POST
@request_view("review_requests")
def cancel(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    """One click keeps what is in its send window from leaving (APR-14)."""
    try:
        cancel_request(
            request_id=row.pk,
            actor=desk.actor,
            reason=request.POST.get("reason", "").replace("\x00", "").strip()[:MAX_REASON],
            now=get_now(),
            user_id=desk.user.pk,
        )
        messages.success(request, "Cancelled. Nothing left.")
    except (CancelError, NotAllowedError) as error:
        messages.error(request, refusal_words(error, row))
    if request.POST.get("back") == "leaving":
        return redirect(f"{reverse('approvals:leaving')}?workspace={row.workspace.slug}")
    return redirect("approvals:trace", row.pk)


@require_POST
@request_view("review_requests")
def settle(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    """A person says what became of an unknown outcome (EXE-03)."""
    try:
        resolve_unknown(
            request_id=row.pk,
            person_id=desk.person_id,
            user_id=desk.user.pk,
            outcome=request.POST.get("outcome", ""),
            reason=request.POST.get("reason", "").replace("\x00", "").strip()[:MAX_REASON],
            now=get_now(),
        )
        messages.success(request, "Settled. Your word is on record.")
    except (ResolutionError, NotAllowedError) as error:
        messages.error(request, refusal_words(error, row))
    return redirect("approvals:trace", row.pk)
