"""A link to one trace for somebody without a login: made and revoked on the trace page, opened by whoever has it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.models import AgentActionRequest
from approvals.selectors.trace import get_trace
from approvals.services.pages.trace import show_trace
from approvals.services.trace_links import TraceLinkError, make_trace_link, open_trace_link, revoke_trace_link
from approvals.views.access import Desk, request_view
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.adapters.file_response import NOT_RECORDED
from governance.selectors.access import NotAllowedError

_REFUSED = (TraceLinkError, NotAllowedError, LedgerUnavailableError)


@require_POST
@request_view("view_ledger")
def share_trace(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    """The link is told once, in a message: it is kept nowhere."""
    days = request.POST.get("days", "")
    try:
        token = make_trace_link(
            request=row,
            note=request.POST.get("note", "").replace("\x00", "")[:120],
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0,
            person_id=desk.require_person(),
            user_id=desk.user.pk,
            now=get_now(),
        )
        address = request.build_absolute_uri(reverse("approvals:shared_trace", args=[token]))
        messages.success(request, f"The link, shown this once: {address}")
    except _REFUSED as error:
        messages.error(request, f"No link was made: {error}.")
    return redirect("approvals:trace", row.pk)


@require_POST
@request_view("view_ledger")
def unshare_trace(request: HttpRequest, desk: Desk, row: AgentActionRequest, link_id: UUID) -> HttpResponse:
    try:
        revoke_trace_link(
            request=row, link_id=link_id, person_id=desk.require_person(), user_id=desk.user.pk, now=get_now()
        )
        messages.success(request, "The link opens no more.")
    except _REFUSED as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return redirect("approvals:trace", row.pk)


@require_safe
def shared_trace(request: HttpRequest, token: str) -> HttpResponse:
    """No session, no other page, nothing to press; every opening is on record. What does not open does not exist."""
    try:
        link = open_trace_link(token=token[:200], now=get_now())
        trace = get_trace(request_id=link.request_id)
    except TraceLinkError as error:
        raise Http404 from error
    except LedgerUnavailableError:
        return HttpResponse(NOT_RECORDED, status=503, content_type="text/plain")
    if trace is None:
        raise Http404
    context = {"page": show_trace(trace), "link": link, "permissions": frozenset()}
    response = render(request, "approvals/shared_trace.html", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
