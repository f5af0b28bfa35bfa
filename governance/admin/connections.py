"""Workspaces and connections."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from governance.admin.governed import GovernedAdmin
from governance.models import Connection, Workspace
from governance.selectors.access import list_workspaces


@admin.register(Workspace)
class WorkspaceAdmin(GovernedAdmin):
    permission = "manage_agents"
    list_display = ("name", "slug", "created_at")
    fields = ("name", "slug")
    search_fields = ("name", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        return list_workspaces(request.user, self.permission, *self.view_permissions)

    def workspace_id_of(self, obj: models.Model) -> UUID:
        workspace_id: UUID = obj.pk
        return workspace_id

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("slug",) if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)  # nobody has a role in a workspace that is not there yet

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Connection)
class ConnectionAdmin(GovernedAdmin):
    """What grants and policy name; the rooms above say where each is reached."""

    permission = "manage_agents"
    list_display = ("name", "kind", "shown_environment", "is_active", "workspace")
    list_filter = ("kind", "environment", "is_active")
    list_select_related = ("workspace",)
    search_fields = ("name",)
    nothing_yet = "No CRM is connected."
    fields = ("workspace", "name", ("kind", "environment"), "brand", "is_active")

    @display(description="Environment", label={"production": "danger", "sandbox": "info"})
    def shown_environment(self, row: Connection) -> str:
        return row.environment

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        """What a request was decided on does not change under it."""
        return ("workspace", "name", "kind", "environment") if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """A connection is made where its CRM is chosen among what is wired, and set up."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
