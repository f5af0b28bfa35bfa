"""What the do-not-contact pages share: who may look, whose workspace it is, how a page is made."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from governance.admin.actor import user_of
from governance.admin.governed import VIEW_PERMISSIONS
from governance.models import Workspace
from governance.selectors.access import list_workspaces, may

VIEWERS = ("manage_dnc", "add_dnc", *VIEW_PERMISSIONS)
PROOF_READERS = ("manage_dnc", "add_dnc", "view_ledger")


def ensure_any(request: HttpRequest, workspace_id: UUID, *permissions: str) -> None:
    """Raises PermissionDenied unless the login holds one of the permissions there."""
    if not any(may(user_of(request), permission, workspace_id) for permission in permissions):
        raise PermissionDenied


def chosen_workspace(request: HttpRequest, *permissions: str) -> dict[str, Any]:
    """The workspace asked for, else the first in which the login holds one of the permissions, and all of these."""
    workspaces = list(list_workspaces(user_of(request), *permissions).order_by("slug"))
    wanted = request.GET.get("workspace", "")
    chosen = next((item for item in workspaces if item.slug == wanted), next(iter(workspaces), None))
    if chosen is None:
        raise PermissionDenied
    return {"workspace": chosen, "workspaces": workspaces, **rights(request, chosen)}


def rights(request: HttpRequest, workspace: Workspace) -> dict[str, bool]:
    """What the page may offer."""
    user = user_of(request)
    return {
        "may_add": may(user, "add_dnc", workspace.pk),
        "may_manage": may(user, "manage_dnc", workspace.pk),
        "may_trace": may(user, "view_requests", workspace.pk),
    }


def dnc_page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    """A page in the console's frame, kept by no cache: it names people."""
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"governance/{template}.html", context, headers={"Cache-Control": "no-store"})


def in_words(error: Exception) -> str:
    """An error's message as a sentence; what is said of a value has the value for its subject."""
    text = str(error)
    text = f"it {text}" if text.startswith(("is ", "has ", "holds ")) else text
    return f"{text[:1].upper()}{text[1:]}."
