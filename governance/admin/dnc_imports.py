"""Imports onto the do-not-contact list: bring a CSV, look, apply or discard it; and the way out (DNC-04)."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from audit.admin.read_only import ReadOnlyRows
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.adapters.csv_stream import stream_csv
from governance.adapters.upload_file import file_of
from governance.admin.actor import actor_of, user_of
from governance.admin.dnc_door import chosen_workspace, dnc_page, ensure_any, in_words
from governance.admin.dnc_forms import KIND_WORDS, FilterForm, ImportForm
from governance.admin.governed import GovernedAdmin
from governance.models import DncImport
from governance.selectors.access import NotAllowedError
from governance.selectors.dnc_imports import PAGE, iterate_errors, list_imports, per_cent_done, preview_import
from governance.selectors.dnc_secret import DncUnavailableError
from governance.services.dnc_export import export_dnc
from governance.services.dnc_import import (
    UNDER_WAY,
    DncImportRefusedError,
    apply_import,
    cancel_import,
    start_import,
)

PERMISSION = "manage_dnc"
_ERRORS = (DncImportRefusedError, NotAllowedError, DncUnavailableError, LedgerUnavailableError, OSError)
_SAID = {
    "apply": "The rows go onto the list now.",
    "good": "The good rows go onto the list now; the others are left.",
    "discard": "Discarded. Nothing was put on the list.",
}


@admin.register(DncImport)
class DncImportAdmin(ReadOnlyRows, GovernedAdmin):
    """Imports move by services; nothing here edits a row."""

    permission = PERMISSION
    view_permissions = ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        return show_imports(request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        try:
            return show_import(request, UUID(object_id or ""))
        except ValueError:
            raise Http404 from None

    def get_urls(self) -> list[URLPattern]:
        guard, name = self.admin_site.admin_view, "governance_dncimport_{}".format
        own = [
            path("<uuid:import_id>/errors.csv", guard(download_errors), name=name("errors")),
            path("<uuid:workspace_id>/export.csv", guard(export), name=name("export")),
        ]
        return [*own, *super().get_urls()]


def show_imports(request: HttpRequest) -> HttpResponse:
    """GET: every import so far. POST: bring a file."""
    context, page = chosen_workspace(request, PERMISSION), FilterForm(request.GET)
    page.is_valid()
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(_page_of(_begin(request, form, context["workspace"].pk)))
        except _ERRORS as error:
            context["problem"] = in_words(error)
    rows = list_imports(context["workspace"].pk, before=page.cleaned_data.get("before"))
    context |= {"form": form, "kinds": KIND_WORDS.items(), "rows": rows[:PAGE]}
    context["next"] = rows[PAGE - 1].pk if len(rows) > PAGE else ""
    return dnc_page(request, "dnc_imports", "Imports onto do not contact", context)


def show_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """GET: how far it is and what it would do; it refreshes itself while work goes on. POST: apply or discard."""
    row = get_object_or_404(DncImport.objects.select_related("workspace"), pk=import_id)
    ensure_any(request, row.workspace_id, PERMISSION)
    if request.method == "POST":
        _do(request, row)
        return HttpResponseRedirect(_page_of(import_id))
    context = {"row": row, "workspace": row.workspace, "is_under_way": row.state in UNDER_WAY}
    context |= {"preview": preview_import(row), "per_cent": per_cent_done(row)}
    return dnc_page(request, "dnc_import", f"Import {row.name}", context)


def download_errors(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    row = get_object_or_404(DncImport, pk=import_id)
    ensure_any(request, row.workspace_id, PERMISSION)
    return _file(stream_csv(("line", "problem", "row"), iterate_errors(import_id)), "do-not-contact-errors.csv")


def export(request: HttpRequest, workspace_id: UUID) -> HttpResponseBase:
    """The list as a file. A POST, since it is put on record."""
    ensure_any(request, workspace_id, PERMISSION)
    if request.method != "POST":
        raise Http404
    user = user_of(request)
    pieces = export_dnc(workspace_id=workspace_id, actor=actor_of(request), user_id=user.pk, now=get_now())
    return _file(pieces, "do-not-contact.csv")


def _begin(request: HttpRequest, form: ImportForm, workspace_id: UUID) -> UUID:
    upload, actor, user_id = form.cleaned_data["file"], actor_of(request), user_of(request).pk
    with file_of(upload) as source:
        return start_import(
            workspace_id=workspace_id,
            source=source,
            name=upload.name or "",
            defaults=form.defaults(),
            actor=actor,
            now=get_now(),
            user_id=user_id,
        )


def _do(request: HttpRequest, row: DncImport) -> None:
    deed, actor, user_id = request.POST.get("deed", ""), actor_of(request), user_of(request).pk
    try:
        if deed == "discard":
            cancel_import(import_id=row.pk, actor=actor, user_id=user_id)
        elif deed in _SAID:
            apply_import(import_id=row.pk, is_taking_good=deed == "good", actor=actor, user_id=user_id)
    except _ERRORS as error:
        messages.error(request, in_words(error))
    else:
        messages.success(request, _SAID.get(deed, "Nothing was done."))


def _page_of(import_id: UUID) -> str:
    return reverse("admin:governance_dncimport_change", args=[import_id])


def _file(pieces: Any, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)
