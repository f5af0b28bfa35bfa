"""The governance document of a policy version: on screen, as Markdown, as PDF (REP-03)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from approvals.services.governance_document import (
    FILE_TYPES,
    GovernanceDocument,
    list_versions,
    make_governance_document,
)
from approvals.services.report_taking import take_governance_document
from approvals.views.access import Desk, member_view
from approvals.views.page import render_page
from audit.services.append import LedgerUnavailableError
from governance.adapters.file_response import NOT_RECORDED, file_response

_MOST_DIGITS = 9


@require_safe
@member_view
def governance_document(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everyone of the workspace reads it; who belongs to single agents alone reads their part of the catalog."""
    _ensure_of_all(desk)
    document = _make(request, desk)
    if document is None and request.GET.get("version"):
        raise Http404
    context: dict[str, Any] = {
        "document": document,
        "versions": list_versions(desk.workspace),
        "file_types": FILE_TYPES,
    }
    return render_page(request, desk, "governance_document.html", context, title="Governance document")


@require_safe
@member_view
def governance_file(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    _ensure_of_all(desk)
    document = _make(request, desk)
    if document is None:
        raise Http404
    try:
        content = take_governance_document(
            kind=kind, document=document, workspace=desk.workspace, actor=desk.actor, now=desk.now
        )
    except LedgerUnavailableError:
        return HttpResponse(NOT_RECORDED, status=503, content_type="text/plain")
    return file_response(f"governance-{desk.workspace.slug}-v{document.number}.{kind}", content)


def _make(request: HttpRequest, desk: Desk) -> GovernanceDocument | None:
    number, since = (_number(request.GET.get(name, "")) for name in ("version", "since"))
    return make_governance_document(workspace=desk.workspace, number=number, since=since, now=desk.now)


def _number(text: str) -> int:
    """Raises Http404 for what is no version's number."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text)):
        raise Http404
    return int(text)


def _ensure_of_all(desk: Desk) -> None:
    if desk.agents is not None:
        raise PermissionDenied("it tells of all agents")
