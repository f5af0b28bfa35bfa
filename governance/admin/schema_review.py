"""The schema review: what is new, changed or gone at the CRMs, reviewed many at a time; and "sync now" (REG-01)."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from audit.admin.read_only import ReadOnlyRows
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import user_of
from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.admin.matrix_sheet import DRAFTS
from governance.domain.review_answer import ANSWER_WORDS
from governance.domain.vocabulary import Classification
from governance.models import Connection, SchemaSync, Workspace
from governance.models.schema_sync import OPEN
from governance.selectors.access import NotAllowedError, list_workspaces, may
from governance.selectors.schema_review import KINDS, ReviewFilter, get_review_page, list_waiting
from governance.services.registry import ReviewError
from governance.services.schema_review import MAX_FIELDS, Reviewed, review_schema
from governance.services.schema_syncs import PERMISSION, SyncUnderWayError, start_sync

_ERRORS = (ReviewError, SyncUnderWayError, NotAllowedError, LedgerUnavailableError)


@admin.register(SchemaSync)
class SchemaSyncAdmin(ReadOnlyRows, GovernedAdmin):
    """Syncs move by services; the list's place is the review."""

    workspace_path = "connection__workspace"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        return show_review(request)

    def get_urls(self) -> list[URLPattern]:
        guard, name = self.admin_site.admin_view, "governance_schemasync_{}".format
        return [
            path("start/<uuid:connection_id>/", guard(require_POST(sync_now)), name=name("start")),
            path("review/<uuid:workspace_id>/", guard(require_POST(review)), name=name("review")),
            path("<uuid:sync_id>/state/", guard(sync_state), name=name("state")),
            *super().get_urls(),
        ]


def show_review(request: HttpRequest) -> HttpResponse:
    """What waits, of the workspace asked for, else of the first that the person may see."""
    workspaces = list(list_workspaces(request.user, PERMISSION, *VIEW_PERMISSIONS).order_by("slug"))
    slug = request.GET.get("workspace", "")
    workspace = next((item for item in workspaces if item.slug == slug), next(iter(workspaces), None))
    if workspace is None:
        raise PermissionDenied
    wanted, number = _filter(request.GET), request.GET.get("page", "")
    page = get_review_page(workspace.pk, wanted, page=int(number) if number.isdecimal() and len(number) < 8 else 1)
    context = {
        **admin.site.each_context(request),
        "title": "Schema review",
        "workspace": workspace,
        "workspaces": workspaces,
        "may_review": may(request.user, PERMISSION, workspace.pk),
        "page": page,
        "kinds": [(kind, page.counts[kind]) for kind in KINDS],
        "wanted": wanted,
        "query": _query(workspace, wanted),
        "answers": ANSWER_WORDS.items(),
        "classes": [item.value for item in Classification if item is not Classification.UNCLASSIFIED],
        "open_states": OPEN,
        "previous": page.page - 1,
        "next": page.page + 1 if page.page < page.pages else 0,
    }
    return TemplateResponse(request, "governance/schema_review.html", context)


def review(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """POST: these fields, or all that the filter finds, are reviewed."""
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    _ensure(request, workspace_id, PERMISSION)
    back = f"{reverse('admin:governance_schemasync_changelist')}?{_query(workspace, _filter(request.POST))}"
    try:
        done = review_schema(
            workspace_id=workspace_id,
            field_ids=_chosen(request, workspace_id),
            answer=request.POST.get("answer", ""),
            classification=request.POST.get("classification", ""),
            user_id=user_of(request).pk,
            now=get_now(),
        )
    except _ERRORS as error:
        messages.error(request, f"Nothing changed: {error}.")
        return HttpResponseRedirect(back)
    messages.success(request, _said(done))
    if not done.drafts:
        return HttpResponseRedirect(back)
    request.session[DRAFTS] = {str(workspace_id): done.drafts}
    sheet = reverse("admin:governance_fieldownership_changelist")
    return HttpResponseRedirect(f"{sheet}?{urlencode({'workspace': workspace.slug})}")


def sync_now(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """POST: queue a sync; the page shows how far it is."""
    connection = get_object_or_404(Connection.objects.select_related("workspace"), pk=connection_id)
    _ensure(request, connection.workspace_id, PERMISSION)
    try:
        start_sync(connection_id=connection_id, user_id=user_of(request).pk, now=get_now())
    except _ERRORS as error:
        messages.error(request, f"Not started: {error}.")
    query = urlencode({"workspace": connection.workspace.slug})
    return HttpResponseRedirect(f"{reverse('admin:governance_schemasync_changelist')}?{query}")


def sync_state(request: HttpRequest, sync_id: UUID) -> HttpResponse:
    """How far a sync is, for the page that waits for it."""
    row = get_object_or_404(SchemaSync.objects.select_related("connection"), pk=sync_id)
    _ensure(request, row.connection.workspace_id, PERMISSION, *VIEW_PERMISSIONS)
    return JsonResponse({"state": row.state, "is_open": row.state in OPEN})


def _ensure(request: HttpRequest, workspace_id: UUID, *permissions: str) -> None:
    if not any(may(user_of(request), permission, workspace_id) for permission in permissions):
        raise PermissionDenied


def _filter(given: Any) -> ReviewFilter:
    kind = given.get("kind", "")
    return ReviewFilter(
        kind=kind if kind in KINDS else "",
        connection=given.get("connection", "").replace("\x00", "")[:60],
        object_type=given.get("object", "").replace("\x00", "")[:60],
        text=given.get("text", "").replace("\x00", "").strip()[:100],
    )


def _query(workspace: Workspace, wanted: ReviewFilter) -> str:
    given = {"kind": wanted.kind, "connection": wanted.connection, "object": wanted.object_type, "text": wanted.text}
    return urlencode({"workspace": workspace.slug, **{name: value for name, value in given.items() if value}})


def _chosen(request: HttpRequest, workspace_id: UUID) -> list[UUID]:
    """What is ticked; with `all`, everything that the filter finds."""
    if request.POST.get("all"):
        found = list_waiting(workspace_id, _filter(request.POST)).values_list("pk", flat=True)
        return list(found[: MAX_FIELDS + 1])
    try:
        return [UUID(text) for text in request.POST.getlist("field")[: MAX_FIELDS + 1]]
    except ValueError as error:
        raise ReviewError("choose the fields on the page") from error


def _said(done: Reviewed) -> str:
    """What the review did, in sentences."""
    parts = []
    if done.reviewed:
        parts.append(f"{done.reviewed} field{'s are' if done.reviewed > 1 else ' is'} reviewed.")
    if done.gone:
        parts.append(f"{done.gone} gone field{'s are' if done.gone > 1 else ' is'} noted as seen.")
    if done.tightened:
        parts.append(f"{done.tightened} row{'s' if done.tightened > 1 else ''} of the matrix leave agents less now.")
    if done.drafts:
        parts.append("What agents get is filled in here: look, then save.")
    parts.append("Publish the policy to put this in force.")
    return " ".join(parts)
