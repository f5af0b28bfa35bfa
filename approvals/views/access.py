"""Who may open which page: a login, a workspace, a permission. Other workspaces do not exist (IDN-07)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from approvals.models import AgentActionRequest
from approvals.selectors.of_agents import concerned_agent_id
from approvals.selectors.requests import find_request
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.domain.roles import PERMISSIONS
from governance.models import User, Workspace
from governance.selectors.held import AgentScope, get_held

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
    """One person at work in one workspace, with the permissions that they hold there. `agents` are those that the page
    is about, for a person who may see it of these alone; then `permissions` hold for some of them, and each service
    asks for the agent at hand. `now` is the database's time at which that was read."""

    user: User
    workspace: Workspace
    workspaces: tuple[Workspace, ...]
    permissions: frozenset[str]
    now: datetime
    agents: AgentScope = None

    def narrow(self, permission: str) -> AgentScope:
        """Those of the page's agents for which this is held; all of them where it is held for none."""
        found = get_held(self.user).get_scope(self.workspace.pk, permission)
        if not found:
            return self.agents
        return found if self.agents is None else found & self.agents

    @property
    def person_id(self) -> UUID | None:
        return self.user.person_id

    @property
    def actor(self) -> Actor:
        """The person, or the login where it belongs to no person."""
        return Actor("human", str(self.user.person_id or self.user.pk))

    def require_person(self) -> UUID:
        """The person whose word counts. Raises PermissionDenied for a login that belongs to nobody."""
        if self.user.person_id is None:
            raise PermissionDenied("no person")
        return self.user.person_id

    def require(self, *permissions: str) -> None:
        """Any one of them. Raises PermissionDenied."""
        if self.permissions.isdisjoint(permissions):
            raise PermissionDenied(" or ".join(permissions))


WorkspaceView = Callable[Concatenate[HttpRequest, Desk, ...], HttpResponseBase]
RequestView = Callable[Concatenate[HttpRequest, Desk, AgentActionRequest, ...], HttpResponse]


def workspace_view(
    *permissions: str, of_agents: bool = False
) -> Callable[[WorkspaceView], Callable[..., HttpResponseBase]]:
    """A page about the workspace that the form or `?workspace=` names, else about the person's first one; for who holds
    any of the permissions there.

    With `of_agents` also for who holds one for single agents: such a page must keep to `desk.agents` in all it reads.
    """

    def decorate(view: WorkspaceView) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            slug = request.POST.get("workspace", "") or request.GET.get("workspace", "")
            desk = _open_of_agents(request, slug, permissions) if of_agents else None
            desk = desk or open_desk(request, slug, permissions=(*PAGE_PERMISSIONS, *permissions))
            desk.require(*permissions)
            return view(request, desk, *args, **kwargs)

        return guarded

    return decorate


def member_view(view: WorkspaceView) -> Callable[..., HttpResponseBase]:
    """A page for everyone who belongs to the workspace, by whatever permission, if only for one agent: nothing is
    changed but one's own, and no agent shown but `desk.agents`."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        slug = request.POST.get("workspace", "") or request.GET.get("workspace", "")
        desk = _open_of_agents(request, slug, MEMBER_PERMISSIONS)
        desk = desk or open_desk(request, slug, permissions=MEMBER_PERMISSIONS)
        return view(request, desk, *args, **kwargs)

    return guarded


def request_view(permission: str) -> Callable[[RequestView], Callable[..., HttpResponse]]:
    """A page about one request. Without any permission in its workspace or for its agent it does not exist (404), with
    the wrong ones it is refused (403)."""

    def decorate(view: RequestView) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, request_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            row = find_request(request_id=request_id)
            if row is None:
                raise Http404
            desk = desk_at(signed_in(request), row.workspace, concerned_agent_id(row))
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


def _open_of_agents(request: HttpRequest, slug: str, permissions: tuple[str, ...]) -> Desk | None:
    """The desk of a person who holds one of these for single agents, or for all and more for some; None for who holds
    them for no agent of the workspace meant: then it is asked of the workspace alone."""
    user = signed_in(request)
    held = get_held(user)
    workspaces = held.list_reach(*permissions)
    found = next((workspace for workspace in workspaces if not slug or workspace.slug == slug), None)
    if found is None or found.pk not in held.of_agents:
        return None
    agents = held.get_scope(found.pk, *permissions)
    return Desk(user, found, workspaces, held.at_some_agent(found.pk), held.now or get_now(), agents)


def desk_at(user: User, workspace: Workspace, agent_id: UUID | None = None) -> Desk:
    """The desk for something of this agent; None for what is of all the workspace. Raises Http404 when the person holds
    nothing for it."""
    held = get_held(user)
    permissions = held.at_agent(workspace.pk, agent_id)
    if permissions.isdisjoint(PAGE_PERMISSIONS):
        raise Http404
    agents = held.get_scope(workspace.pk, "view_requests")
    return Desk(user, workspace, (workspace,), permissions, held.now or get_now(), agents)


def own_desk(user: User, workspace: Workspace) -> Desk:
    """The desk for something of this person's own, of whatever agents. Raises Http404 when they hold nothing here."""
    held = get_held(user)
    permissions = held.at_some_agent(workspace.pk)
    if permissions.isdisjoint(PAGE_PERMISSIONS):
        raise Http404
    agents = held.get_scope(workspace.pk, "view_requests")
    return Desk(user, workspace, (workspace,), permissions, held.now or get_now(), agents)


def make_desk(user: User, workspace: Workspace, workspaces: tuple[Workspace, ...] = ()) -> Desk:
    """The person's desk in a workspace; `workspaces` are those to choose among, else this one."""
    held = get_held(user)
    return Desk(user, workspace, workspaces or (workspace,), held.at(workspace.pk), held.now or get_now())


def signed_in(request: HttpRequest) -> User:
    """The login behind the request; `login_required` has been asked before."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
