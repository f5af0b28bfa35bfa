"""Related rows that a page offers, in its forms and its filters: none of a workspace beyond the person's (IDN-07)."""

from typing import Any

from django.contrib.admin import RelatedFieldListFilter
from django.db import models
from django.http import HttpRequest

from governance.models import Agent, ApproverGroup, Connection, RegisteredField, RevenueField, System, Workspace
from governance.selectors.access import list_workspaces

SCOPED: dict[type[models.Model], str] = {
    Workspace: "pk",
    Agent: "workspace",
    ApproverGroup: "workspace",
    Connection: "workspace",
    RegisteredField: "connection__workspace",
    RevenueField: "workspace",
    System: "workspace",
}


class SeenFilter(RelatedFieldListFilter):
    """Choices end where the rows of the list do: Django offers every related row there is."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        path = SCOPED.get(field.related_model)
        if path is None:
            return super().field_choices(field, request, model_admin)
        seen = list_workspaces(request.user, model_admin.permission, *model_admin.view_permissions)
        return field.get_choices(
            include_blank=False,
            ordering=self.field_admin_ordering(field, request, model_admin),
            limit_choices_to={f"{path}__in": seen},
        )


def scope_filter(name: Any, model: type[models.Model]) -> Any:
    """This item of a `list_filter`, over a foreign key by `SeenFilter`; any other as it is."""
    if not isinstance(name, str) or "__" in name:
        return name
    return (name, SeenFilter) if model._meta.get_field(name).is_relation else name


def scoped_choices(db_field: Any, request: HttpRequest, permission: str) -> dict[str, Any]:
    """`queryset` for a related field: rows of the workspaces that the person may edit."""
    path = SCOPED.get(db_field.related_model)
    if path is None:
        return {}
    rows = db_field.related_model._default_manager.filter(**{f"{path}__in": list_workspaces(request.user, permission)})
    if db_field.related_model is RegisteredField:
        rows = rows.order_by("object_type", "name")
    return {"queryset": rows}
