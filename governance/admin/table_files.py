"""The doors of a table's files: out as CSV or XLSX, in after a look at what would change (REG-03, REG-10)."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

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
from governance.models import TableImport, Workspace
from governance.selectors.access import may
from governance.services.table_files import (
    FileTable,
    ImportDoneError,
    apply_import,
    export_table,
    preview_import,
    stage_import,
)

PERMISSION = "edit_policy"
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDoors:
    """The doors of one table below the list of `model`; `title` names it, `advice` says what a file can do."""

    table: FileTable
    model: str
    file_name: str
    title: str
    advice: str

    def urls(self, site: Any) -> list[URLPattern]:
        doors = (("export/<uuid:workspace_id>/<str:kind>/", "export", export),)
        looks = (("import/<uuid:workspace_id>/", "import", upload), ("imports/<uuid:import_id>/", "preview", look))
        return [
            path(route, site.admin_view(partial(door, doors=self)), name=f"governance_{self.model}_{name}")
            for route, name, door in (*doors, *looks)
        ]

    def address(self, name: str, *parts: object) -> str:
        return reverse(f"admin:governance_{self.model}_{name}", args=parts)


def export(request: HttpRequest, workspace_id: UUID, kind: str, *, doors: FileDoors) -> HttpResponse:
    ensure(request, workspace_id, PERMISSION, *VIEW_PERMISSIONS)
    if kind not in _TYPES:
        raise Http404
    content = export_table(table=doors.table, workspace_id=workspace_id, kind=kind)
    disposition = f'attachment; filename="{doors.file_name}.{kind}"'
    return HttpResponse(content, content_type=_TYPES[kind], headers={"Content-Disposition": disposition})


def upload(request: HttpRequest, workspace_id: UUID, *, doors: FileDoors) -> HttpResponse:
    """Bring a file; what it would change comes next."""
    ensure(request, workspace_id, PERMISSION)
    workspace, file, error = get_object_or_404(Workspace, pk=workspace_id), request.FILES.get("file"), ""
    if request.method == "POST" and file is not None:
        try:
            staged = stage_import(
                table=doors.table,
                workspace_id=workspace_id,
                file_name=file.name or "",
                content=file.read(MAX_BYTES + 1),
                user_id=user_of(request).pk,
                now=get_now(),
            )
            return HttpResponseRedirect(doors.address("preview", staged))
        except TableFileError as refused:
            error = str(refused)
    return _page(request, doors, {"workspace": workspace, "error": error})


def look(request: HttpRequest, import_id: UUID, *, doors: FileDoors) -> HttpResponse:
    """What the file would change; POST takes it."""
    rows = TableImport.objects.filter(table=doors.table.name).select_related("workspace")
    staged = get_object_or_404(rows, pk=import_id)
    ensure(request, staged.workspace_id, PERMISSION)
    if request.method == "POST":
        _take(request, import_id, doors)
        return HttpResponseRedirect(request.path)
    preview = preview_import(table=doors.table, import_id=import_id)
    return _page(request, doors, {"workspace": staged.workspace, "preview": preview})


def ensure(request: HttpRequest, workspace_id: UUID, *permissions: str) -> None:
    """Raises PermissionDenied for who holds none of them there."""
    if not any(may(user_of(request), permission, workspace_id) for permission in permissions):
        raise PermissionDenied


def _take(request: HttpRequest, import_id: UUID, doors: FileDoors) -> None:
    is_good_ones, user, now = request.POST.get("take") == "good", user_of(request), get_now()
    try:
        taken = apply_import(
            table=doors.table,
            import_id=import_id,
            take_good_ones=is_good_ones,
            actor=actor_of(request),
            user_id=user.pk,
            now=now,
        )
    except ImportDoneError:
        messages.warning(request, "This file was taken already.")
        return
    if taken.is_applied:
        messages.success(request, f"{taken.changed_rows} rows are saved. Publish the policy to put this in force.")
    else:
        messages.error(request, "Nothing was saved: see what to mend.")


def _page(request: HttpRequest, doors: FileDoors, context: dict[str, Any]) -> HttpResponse:
    shown = {**admin.site.each_context(request), "title": "Import", "doors": doors, **context}
    shown["list_url"] = doors.address("changelist")
    shown["import_url"] = doors.address("import", context["workspace"].pk)
    return TemplateResponse(request, "governance/table_import.html", shown)
