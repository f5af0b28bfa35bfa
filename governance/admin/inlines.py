"""Rows that hang on a governed page and share its workspace and permission."""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from governance.admin.governed import VIEW_PERMISSIONS
from governance.admin.scoped import scoped_choices
from governance.models import Agent
from governance.selectors.access import holds_anywhere, may_for


class _Governed:
    """Permissions by the parent row's workspace, of an agent's page also for it alone; choices within it."""

    permission: ClassVar[str] = "edit_policy"

    def _may(self, request: HttpRequest, obj: Any, *permissions: str) -> bool:
        if obj is None:
            return holds_anywhere(request.user, *permissions)
        agent_id = obj.pk if isinstance(obj, Agent) else None
        place = {"workspace_id": obj.workspace_id, "agent_id": agent_id}
        return any(may_for(request.user, name, **place) for name in permissions)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, obj, self.permission, *VIEW_PERMISSIONS)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, obj, self.permission)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, obj, self.permission)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, obj, self.permission)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The choices are read once for all rows of the page, not once for each row's form."""
        kwargs |= scoped_choices(db_field, request, self.permission)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and db_field.name not in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            field.choices = [choice for choice in field.choices]  # noqa: C416  # `list` would have them counted first
        return field


class GovernedTabularInline(_Governed, TabularInline):  # type: ignore[misc]  # unfold has no types
    extra = 0
    per_page = 50


class GovernedStackedInline(_Governed, StackedInline):  # type: ignore[misc]  # unfold has no types
    extra = 0
    per_page = 50
