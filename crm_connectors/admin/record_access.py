"""Who reads and writes the embedded CRM's records by hand: the people of its connection's workspace."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from crm_connectors.models import CrmObject, CrmRecord
from governance.selectors.access import holds_anywhere, list_workspaces, may

# Whoever reads requests reads what they are about. Whoever may take changes back writes to the CRM already.
READ, WRITE = "view_requests", "revert_requests"

DOWNLOAD = "download_exports"


class WorkspaceRecordAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """A permission on the model opens every workspace, as to superusers; one on a workspace opens its records."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def has_view_permission(self, request: HttpRequest, obj: CrmRecord | None = None) -> bool:
        is_everywhere: bool = super().has_view_permission(request, obj)
        return is_everywhere or _holds(request, READ, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._adds_everywhere(request) or _holds(request, WRITE, None)

    def has_change_permission(self, request: HttpRequest, obj: CrmRecord | None = None) -> bool:
        is_everywhere: bool = super().has_change_permission(request, obj)
        return is_everywhere or _holds(request, WRITE, obj)

    def may_add_to(self, request: HttpRequest, crm_object: CrmObject) -> bool:
        """Whether this person may make a record in that CRM."""
        return self._adds_everywhere(request) or may(request.user, WRITE, crm_object.connection.workspace_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CrmRecord]:
        rows: QuerySet[CrmRecord] = super().get_queryset(request)
        if super().has_view_permission(request):
            return rows
        return rows.filter(crm_object__connection__workspace__in=list_workspaces(request.user, READ))

    def _adds_everywhere(self, request: HttpRequest) -> bool:
        return bool(super().has_add_permission(request))


def may_open_file(request: HttpRequest, record: CrmRecord) -> bool:
    """Whether this person may take the record's file away: that of an export holds many people's data."""
    user: Any = request.user
    is_export = record.crm_object.name == "exports"
    return not is_export or may(user, DOWNLOAD, record.crm_object.connection.workspace_id)


def _holds(request: HttpRequest, permission: str, record: CrmRecord | None) -> bool:
    user: Any = request.user
    if record is None:
        return holds_anywhere(user, permission)
    return may(user, permission, record.crm_object.connection.workspace_id)
