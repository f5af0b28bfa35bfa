"""Who looks at the embedded CRM's schema and at endpoints, and who changes them, by the connection's workspace."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from audit.selectors.clock import get_now
from crm_connectors.models import CrmObject
from governance.admin.actor import actor_of
from governance.models import Connection
from governance.selectors.access import holds_anywhere, list_workspaces, may
from governance.services.config_changes import record_config_change

LOOK = ("edit_policy", "manage_agents", "view_requests", "view_ledger")


class WorkspaceSchemaAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """A permission on the model opens every workspace, as to superusers; `look` and `change` on one, its rows.

    `connection_path` leads from a row to its connection. Every edit is in the ledger; nothing is deleted here but by
    who runs the installation.
    """

    change: ClassVar[str] = "edit_policy"
    look: ClassVar[tuple[str, ...]] = LOOK
    connection_path: ClassVar[str] = "connection"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return bool(super().has_view_permission(request, obj)) or self._holds(request, obj, *self.look)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_add_permission(request)) or self._holds(request, None, self.change)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return bool(super().has_change_permission(request, obj)) or self._holds(request, obj, self.change)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if super().has_view_permission(request):
            return rows
        return rows.filter(**{f"{self.connection_path}__workspace__in": list_workspaces(request.user, *self.look)})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choices end at the border of the workspaces that the person may edit."""
        if not super().has_change_permission(request):
            mine = list_workspaces(request.user, self.change)
            if db_field.related_model is Connection:
                kwargs["queryset"] = Connection.objects.filter(workspace__in=mine)
            elif db_field.related_model is CrmObject:
                kwargs["queryset"] = CrmObject.objects.filter(connection__workspace__in=mine)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:  # noqa: FBT001
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        super().save_model(request, obj, form, change)
        record_config_change(
            workspace_id=self._connection_of(obj).workspace_id,
            row=obj,
            operation="updated" if change else "created",
            fields=form.changed_data,
            actor=actor_of(request),
            now=get_now(),
        )

    def _connection_of(self, obj: Any) -> Connection:
        for name in self.connection_path.split("__"):
            obj = getattr(obj, name)
        assert isinstance(obj, Connection)  # noqa: S101 - the path says so
        return obj

    def _holds(self, request: HttpRequest, obj: models.Model | None, *permissions: str) -> bool:
        user: Any = request.user
        if not user.is_authenticated:
            return False
        if obj is None:
            return holds_anywhere(user, *permissions)
        return any(may(user, permission, self._connection_of(obj).workspace_id) for permission in permissions)
