"""Exports of the ledger in the console: asked for, watched, planned, downloaded (AUD-04, case 90)."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.domain.ledger_query import UnreadableQueryError
from approvals.models.ledger_export import FORMATS
from approvals.selectors.ledger_exports import list_exports, list_plans
from approvals.services.ledger_exports import (
    PERMISSION,
    Asker,
    LedgerExportError,
    download_export,
    end_plan,
    plan_export,
    start_export,
)
from approvals.views.access import Desk, workspace_view
from approvals.views.ledger_search import read_ledger_query
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.adapters.file_response import NOT_RECORDED, OPAQUE, file_headers
from governance.selectors.access import NotAllowedError
from governance.selectors.dnc_secret import DncUnavailableError

_REFUSALS = (LedgerExportError, UnreadableQueryError, NotAllowedError, LedgerUnavailableError, DncUnavailableError)
_EVERY = {"day": 1, "week": 7}


@require_safe
@workspace_view(PERMISSION)
def ledger_exports(request: HttpRequest, desk: Desk) -> HttpResponse:
    context = {
        "exports": list_exports(desk.workspace.pk),
        "plans": list_plans(desk.workspace.pk),
        "kinds": dict(FORMATS),
    }
    return render_page(request, desk, "ledger_exports.html", context, title="Exports of the ledger")


@require_POST
@workspace_view(PERMISSION)
def export_ledger_search(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the search on the page before found, once or again and again."""
    every = _EVERY.get(request.POST.get("every", ""), 0)
    query, kind, asker = read_ledger_query(request.POST), request.POST.get("kind", ""), _asker(desk)
    try:
        if every:
            plan_export(workspace=desk.workspace, query=query, kind=kind, every_days=every, asker=asker, now=get_now())
        else:
            start_export(workspace=desk.workspace, query=query, kind=kind, asker=asker, now=get_now())
        messages.success(request, "A worker makes it now. It stands below.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was exported: {error}.")
    return _back(desk)


@require_POST
@workspace_view(PERMISSION)
def end_export_plan(request: HttpRequest, desk: Desk, plan_id: UUID) -> HttpResponse:
    try:
        end_plan(plan_id=plan_id, workspace=desk.workspace, asker=_asker(desk), now=get_now())
        messages.success(request, "Nothing is made by it any more.")
    except LedgerUnavailableError as error:
        messages.error(request, f"The plan goes on: {error}.")
    return _back(desk)


@require_safe
@workspace_view(PERMISSION)
def download_ledger_export(_request: HttpRequest, desk: Desk, export_id: UUID) -> HttpResponseBase:
    try:
        path, name = download_export(export_id=export_id, workspace=desk.workspace, asker=_asker(desk), now=get_now())
    except LedgerExportError:
        raise Http404 from None
    except LedgerUnavailableError:
        return HttpResponse(NOT_RECORDED, status=503, content_type="text/plain")
    headers = file_headers(name)
    del headers["Content-Disposition"]  # by the framework's own way, which would overwrite it
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, headers=headers, content_type=OPAQUE)


def _asker(desk: Desk) -> Asker:
    return Asker(person_id=desk.require_person(), user_id=desk.user.pk)


def _back(desk: Desk) -> HttpResponse:
    return redirect(f"{reverse('approvals:ledger_exports')}?workspace={desk.workspace.slug}")
