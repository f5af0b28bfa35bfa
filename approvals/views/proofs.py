"""What a person takes away to have it checked elsewhere: a request's receipt and bundle, and the verifier (AUD-06)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from approvals.models import AgentActionRequest
from approvals.services.proofs import take_bundle
from approvals.views.access import Desk, request_view
from audit.domain.event import Subject
from audit.selectors.clock import get_now
from audit.selectors.receipts import make_receipt
from audit.services.append import LedgerUnavailableError
from audit.services.verifier_program import NAME, read_verifier_program
from governance.adapters.file_response import NOT_RECORDED, file_response

NOT_SIGNED = "Nothing of it is under a signed checkpoint yet. Try again in a second."


@require_safe
@request_view("view_ledger")
def receipt(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:  # noqa: ARG001  # the door's shape
    content = make_receipt(Subject("request", str(row.pk)))
    if content is None:
        messages.error(request, NOT_SIGNED)
        return redirect("approvals:trace", row.pk)
    return file_response(f"request-{row.pk}.tlog-proof", content)


@require_POST
@request_view("view_ledger")
def bundle(request: HttpRequest, desk: Desk, row: AgentActionRequest) -> HttpResponse:
    """With the values that the ledger keeps of it: who takes them is on record."""
    try:
        content = take_bundle(row=row, actor=desk.actor, now=get_now())
    except LedgerUnavailableError:
        return HttpResponse(NOT_RECORDED, status=503, content_type="text/plain")
    if content is None:
        messages.error(request, NOT_SIGNED)
        return redirect("approvals:trace", row.pk)
    return file_response(f"request-{row.pk}.bundle.json", content)


@require_safe
@login_required
def verifier(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the door's shape
    return file_response(NAME, read_verifier_program())
