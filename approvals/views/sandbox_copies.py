"""Sandbox copies in the console: choose records, see how far a copy came, stop one (SBX-02)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.views.access import Desk, workspace_view
from approvals.views.page import render_page
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from crm_connectors.selectors.sandbox_copies import is_copy_of, list_copies, list_sandboxes, list_sources
from crm_connectors.services.sandbox_copies import PERMISSION, Chosen, SandboxCopyError, start_copy, stop_copy
from governance.selectors.access import NotAllowedError

_REFUSALS = (SandboxCopyError, NotAllowedError, LedgerUnavailableError)
_MAX_IDS = 100_000
"""Characters: five thousand ids of twenty."""


@require_safe
@workspace_view(PERMISSION)
def sandbox_copies(request: HttpRequest, desk: Desk) -> HttpResponse:
    context = {
        "copies": list_copies(desk.workspace.pk),
        "sources": list_sources(desk.workspace.pk),
        "targets": list_sandboxes(desk.workspace.pk),
    }
    return render_page(request, desk, "sandbox_copies.html", context, title="Sandbox copies")


@require_POST
@workspace_view(PERMISSION)
def begin_sandbox_copy(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        start_copy(
            source_id=_connection_id(request.POST, "source", list_sources(desk.workspace.pk)),
            target_id=_connection_id(request.POST, "target", list_sandboxes(desk.workspace.pk)),
            chosen=_read_choice(request.POST),
            user_id=desk.user.pk,
            now=get_now(),
        )
        messages.success(request, "The copy has begun. How far it came stands below.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing is copied: {error}.")
    return _back(desk)


@require_POST
@workspace_view(PERMISSION)
def stop_sandbox_copy(request: HttpRequest, desk: Desk, copy_id: UUID) -> HttpResponse:
    if not is_copy_of(copy_id, desk.workspace.pk):
        raise Http404
    try:
        stop_copy(copy_id=copy_id, user_id=desk.user.pk, now=get_now())
        messages.success(request, "It is stopped. What was copied stays.")
    except _REFUSALS as error:
        messages.error(request, f"Nothing was done: {error}.")
    return _back(desk)


def _connection_id(data: QueryDict, name: str, choices: list[tuple[UUID, str]]) -> UUID:
    """The connection that the form names, among those on offer. Raises SandboxCopyError."""
    found = next((pk for pk, label in choices if label == data.get(name, "")), None)
    if found is None:
        raise SandboxCopyError("choose where to copy from, and an embedded sandbox to copy into")
    return found


def _read_choice(data: QueryDict) -> Chosen:
    """Raises SandboxCopyError."""
    ids, limit = data.get("ids", ""), data.get("limit", "")
    if len(ids) > _MAX_IDS or any("\x00" in str(value) for value in data.values()):
        raise SandboxCopyError("these are no ids of records")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 6):
        raise SandboxCopyError("give a number of records")
    field, value = data.get("field", "").strip(), data.get("value", "")
    filters: dict[str, Any] = {field: value or None} if field else {}
    return Chosen(
        object_type=data.get("object", "").strip(),
        record_ids=ids.replace(",", " ").split(),
        filters=filters,
        most=int(limit),
    )


def _back(desk: Desk) -> HttpResponse:
    return redirect(f"{reverse('approvals:sandbox_copies')}?workspace={desk.workspace.slug}")
