"""The doors of the matrix sheet: the page, its JSON, its files (REG-03)."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from audit.selectors.clock import get_now
from governance.adapters.table_file import MAX_BYTES, TableFileError
from governance.admin.actor import actor_of, user_of
from governance.admin.governed import VIEW_PERMISSIONS
from governance.domain.matrix_verdict import RowEdit
from governance.models import MatrixImport, Workspace
from governance.selectors.access import list_workspaces, may
from governance.services.matrix_edit import TooManyRowsError, edit_matrix
from governance.services.matrix_files import (
    ImportDoneError,
    apply_import,
    export_matrix,
    preview_import,
    stage_import,
)
from governance.services.matrix_sheet import show_saved, show_sheet

PERMISSION = "edit_policy"
DRAFTS = "matrix_drafts"
"""In the session: workspace → field → column → text that a schema review wants filled in, for the next look."""
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class SavedSheet(msgspec.Struct, forbid_unknown_fields=True):
    """What the page sends."""

    rows: list[RowEdit]


def list_urls(site: Any) -> list[URLPattern]:
    """The sheet's addresses, below the matrix's list."""
    name = "governance_fieldownership_{}".format
    return [
        path("sheet/<uuid:workspace_id>/", site.admin_view(sheet), name=name("sheet")),
        path("export/<uuid:workspace_id>/<str:kind>/", site.admin_view(export), name=name("export")),
        path("import/<uuid:workspace_id>/", site.admin_view(upload), name=name("import")),
        path("imports/<uuid:import_id>/", site.admin_view(look), name=name("preview")),
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
        _ensure(request, workspace_id, PERMISSION, *VIEW_PERMISSIONS)
        return _json(show_sheet(workspace_id=workspace_id, is_editable=may(request.user, PERMISSION, workspace_id)))
    _ensure(request, workspace_id, PERMISSION)
    user, actor, now = user_of(request), actor_of(request), get_now()
    try:
        edits = msgspec.json.decode(request.body, type=SavedSheet).rows
        verdict = edit_matrix(workspace_id=workspace_id, edits=edits, actor=actor, user_id=user.pk, now=now)
    except (msgspec.DecodeError, UnicodeDecodeError, TooManyRowsError) as error:
        return _json({"code": getattr(error, "code", "malformed"), "detail": str(error)}, status=400)
    return _json(show_saved(workspace_id=workspace_id, verdict=verdict), status=200 if verdict.is_clean else 409)


def export(request: HttpRequest, workspace_id: UUID, kind: str) -> HttpResponse:
    _ensure(request, workspace_id, PERMISSION, *VIEW_PERMISSIONS)
    if kind not in _TYPES:
        raise Http404
    content = export_matrix(workspace_id=workspace_id, kind=kind)
    disposition = f'attachment; filename="ownership-matrix.{kind}"'
    return HttpResponse(content, content_type=_TYPES[kind], headers={"Content-Disposition": disposition})


def upload(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Bring a file; what it would change comes next."""
    _ensure(request, workspace_id, PERMISSION)
    workspace, file, error = get_object_or_404(Workspace, pk=workspace_id), request.FILES.get("file"), ""
    if request.method == "POST" and file is not None:
        name, user_id, now = file.name or "", user_of(request).pk, get_now()
        try:
            content = file.read(MAX_BYTES + 1)
            staged = stage_import(workspace_id=workspace_id, file_name=name, content=content, user_id=user_id, now=now)
            return HttpResponseRedirect(reverse("admin:governance_fieldownership_preview", args=[staged]))
        except TableFileError as refused:
            error = str(refused)
    return _page(request, "governance/matrix_import.html", "Import", {"workspace": workspace, "error": error})


def look(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What the file would change; POST takes it."""
    staged = get_object_or_404(MatrixImport.objects.select_related("workspace"), pk=import_id)
    _ensure(request, staged.workspace_id, PERMISSION)
    if request.method == "POST":
        _take(request, import_id)
        return HttpResponseRedirect(request.path)
    context = {"workspace": staged.workspace, "preview": preview_import(import_id=import_id)}
    return _page(request, "governance/matrix_import.html", "Import", context)


def _take(request: HttpRequest, import_id: UUID) -> None:
    is_good_ones, user, now = request.POST.get("take") == "good", user_of(request), get_now()
    try:
        taken = apply_import(
            import_id=import_id, take_good_ones=is_good_ones, actor=actor_of(request), user_id=user.pk, now=now
        )
    except ImportDoneError:
        messages.warning(request, "This file was taken already.")
        return
    if taken.is_applied:
        messages.success(request, f"{taken.changed_rows} rows are saved. Publish the policy to put this in force.")
    else:
        messages.error(request, "Nothing was saved: see what to mend.")


def _ensure(request: HttpRequest, workspace_id: UUID, *permissions: str) -> None:
    if not any(may(user_of(request), permission, workspace_id) for permission in permissions):
        raise PermissionDenied


def _json(answer: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json", status=status)


def _page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), "title": title, **context})
