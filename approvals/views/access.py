"""Who may open which page: a login, a workspace, a permission. Other workspaces do not exist (IDN-07)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from approvals.models import AgentActionRequest
from approvals.selectors.requests import find_request
from audit.selectors.clock import get_now
from governance.domain.roles import PERMISSIONS
from governance.models import User, Workspace
from governance.selectors.held import get_held

PAGE_PERMISSIONS = (
    "view_requests",
    "review_requests",
    "revert_requests",
    "promote_suggestions",
    "view_quality",
    "engage_switches",
    "lift_switches",
)

MEMBER_PERMISSIONS = tuple(sorted(PERMISSIONS))


@dataclass(frozen=True, slots=True)
class Desk:
    """One person at work in one workspace, with the permissions that they hold there. `now` is the database's time at
    which that was read."""

    user: User
    workspace: Workspace
    workspaces: tuple[Workspace, ...]
    permissions: frozenset[str]
    now: datetime

    @property
    def person_id(self) -> UUID | None:
        return self.user.person_id

    def require_person(self) -> UUID:
        """The person whose word counts. Raises PermissionDenied for a login that belongs to nobody."""
        if self.user.person_id is None:
            raise PermissionDenied("no person")
        return self.user.person_id

    def require(self, *permissions: str) -> None:
        """Any one of them. Raises PermissionDenied."""
        if self.permissions.isdisjoint(permissions):
            raise PermissionDenied(" or ".join(permissions))


WorkspaceView = Callable[Concatenate[HttpRequest, Desk, ...], HttpResponse]
RequestView = Callable[Concatenate[HttpRequest, Desk, AgentActionRequest, ...], HttpResponse]


def workspace_view(*permissions: str) -> Callable[[WorkspaceView], Callable[..., HttpResponse]]:
    """A page about the workspace that the form or `?workspace=` names, else about the person's first one; for who holds
    any of the permissions there."""

    def decorate(view: WorkspaceView) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            slug = request.POST.get("workspace", "") or request.GET.get("workspace", "")
            desk = open_desk(request, slug, permissions=(*PAGE_PERMISSIONS, *permissions))
            desk.require(*permissions)
            return view(request, desk, *args, **kwargs)

        return guarded

    return decorate


def member_view(view: WorkspaceView) -> Callable[..., HttpResponse]:
    """A page for everyone who belongs to the workspace, by whatever permission: nothing is changed but one's own."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        slug = request.POST.get("workspace", "") or request.GET.get("workspace", "")
        desk = open_desk(request, slug, permissions=MEMBER_PERMISSIONS)
        return view(request, desk, *args, **kwargs)

    return guarded


def request_view(permission: str) -> Callable[[RequestView], Callable[..., HttpResponse]]:
    """A page about one request. Without any permission in its workspace it does not exist (404), with the wrong ones it
    is refused (403)."""

    def decorate(view: RequestView) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, request_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            row = find_request(request_id=request_id)
            if row is None:
                raise Http404
            desk = desk_at(signed_in(request), row.workspace)
            desk.require(permission)
            return view(request, desk, row, *args, **kwargs)

        return guarded

    return decorate


def open_desk(request: HttpRequest, slug: str, *, permissions: tuple[str, ...] = PAGE_PERMISSIONS) -> Desk:
    """Raises PermissionDenied for a person without any workspace, Http404 for one that is not theirs."""
    user = signed_in(request)
    workspaces = get_held(user).list_where(*permissions)
    if not workspaces:
        raise PermissionDenied("view_requests")
    found = next((workspace for workspace in workspaces if not slug or workspace.slug == slug), None)
    if found is None:
        raise Http404
    return make_desk(user, found, workspaces)


def desk_at(user: User, workspace: Workspace) -> Desk:
    """Raises Http404 when the person holds nothing in the workspace."""
    if get_held(user).at(workspace.pk).isdisjoint(PAGE_PERMISSIONS):
        raise Http404
    return make_desk(user, workspace)


def make_desk(user: User, workspace: Workspace, workspaces: tuple[Workspace, ...] = ()) -> Desk:
    """The person's desk in a workspace; `workspaces` are those to choose among, else this one."""
    held = get_held(user)
    return Desk(user, workspace, workspaces or (workspace,), held.at(workspace.pk), held.now or get_now())


def signed_in(request: HttpRequest) -> User:
    """The login behind the request; `login_required` has been asked before."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
