"""The doors of the matrix sheet: the page and its JSON (REG-03)."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from audit.selectors.clock import get_now
from governance.admin.actor import actor_of, user_of
from governance.admin.governed import VIEW_PERMISSIONS
from governance.admin.table_files import PERMISSION, FileDoors, ensure
from governance.domain.table_verdict import RowEdit
from governance.selectors.access import list_workspaces, may
from governance.services.matrix_edit import TooManyRowsError, edit_matrix
from governance.services.matrix_files import MATRIX
from governance.services.matrix_sheet import show_saved, show_sheet

DRAFTS = "matrix_drafts"
"""In the session: workspace → field → column → text that a schema review wants filled in, for the next look."""
FILES = FileDoors(
    table=MATRIX,
    model="fieldownership",
    file_name="ownership-matrix",
    title="Ownership matrix",
    advice="Export the matrix, change it in a spreadsheet, and bring it back as CSV (UTF-8) or XLSX.",
)


class SavedSheet(msgspec.Struct, forbid_unknown_fields=True):
    """What the page sends."""

    rows: list[RowEdit]


def list_urls(site: Any) -> list[URLPattern]:
    """The sheet's addresses, below the matrix's list."""
    name = "governance_fieldownership_{}".format
    return [
        path("sheet/<uuid:workspace_id>/", site.admin_view(sheet), name=name("sheet")),
        *FILES.urls(site),
    ]


def show_page(request: HttpRequest) -> HttpResponse:
    """The sheet of one workspace: the one asked for, else the first that the person may see."""
    workspaces = list(list_workspaces(request.user, PERMISSION, *VIEW_PERMISSIONS).order_by("slug"))
    wanted = request.GET.get("workspace", "")
    workspace = next((item for item in workspaces if item.slug == wanted), next(iter(workspaces), None))
    if workspace is None:
        raise PermissionDenied
    may_edit = may(request.user, PERMISSION, workspace.pk)
    drafts = request.session.pop(DRAFTS, {}) if may_edit else {}
    context = {"workspace": workspace, "workspaces": workspaces, "may_edit": may_edit, "is_fullwidth": "1"}
    context["drafts"] = drafts.get(str(workspace.pk), {})
    return _page(request, "governance/matrix.html", "Ownership matrix", context)


def sheet(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """GET: columns and rows. POST: save edits; 409 with what keeps them from being saved."""
    if request.method != "POST":
        ensure(request, workspace_id, PERMISSION, *VIEW_PERMISSIONS)
        return _json(show_sheet(workspace_id=workspace_id, is_editable=may(request.user, PERMISSION, workspace_id)))
    ensure(request, workspace_id, PERMISSION)
    user, actor, now = user_of(request), actor_of(request), get_now()
    try:
        edits = msgspec.json.decode(request.body, type=SavedSheet).rows
        verdict = edit_matrix(workspace_id=workspace_id, edits=edits, actor=actor, user_id=user.pk, now=now)
    except (msgspec.DecodeError, UnicodeDecodeError, TooManyRowsError) as error:
        return _json({"code": getattr(error, "code", "malformed"), "detail": str(error)}, status=400)
    return _json(show_saved(workspace_id=workspace_id, verdict=verdict), status=200 if verdict.is_clean else 409)


def _json(answer: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json", status=status)


def _page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), "title": title, **context})
