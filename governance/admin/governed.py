"""The base of every governed page: workspaces as the boundary, history with revert, a ledger event per edit."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from audit.selectors.clock import get_now
from governance.admin.actor import actor_of
from governance.admin.named_controls import name_controls
from governance.admin.scoped import scope_filter, scoped_choices
from governance.selectors.access import holds_anywhere, holds_for_some_agent, list_workspaces, may, may_for
from governance.selectors.held import get_held
from governance.services.config_changes import RevertError, record_config_change, revert_config

# Who may look at the configuration: whoever edits some of it, and the auditor.
VIEW_PERMISSIONS = ("edit_policy", "manage_agents", "publish_policy", "view_ledger")


class GovernedAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]  # neither ships types
    """`workspace_path` leads from the row to its workspace; `permission` is what editing takes there. Where there is an
    `agent_path` to the row's agent, who holds `permission` for that agent alone sees and edits the row too."""

    permission: ClassVar[str] = "edit_policy"
    view_permissions: ClassVar[tuple[str, ...]] = VIEW_PERMISSIONS
    workspace_path: ClassVar[str] = "workspace"
    agent_path: ClassVar[str] = ""
    object_history_list_template = "governance/history_list.html"
    list_per_page = 50
    compressed_fields = True
    warn_unsaved_form = True

    # ---- who may -------------------------------------------------------------------------------------------------
    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, obj, self.permission, *self.view_permissions) or self._may_alone(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, None, self.permission)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, obj, self.permission) or self._may_alone(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, obj, self.permission)

    def _may(self, request: HttpRequest, obj: models.Model | None, *permissions: str) -> bool:
        if not request.user.is_authenticated:
            return False
        if obj is None:
            return holds_anywhere(request.user, *permissions)
        workspace_id = self.workspace_id_of(obj)
        return any(may(request.user, permission, workspace_id) for permission in permissions)

    def _may_alone(self, request: HttpRequest, obj: models.Model | None, *permissions: str) -> bool:
        """Whether the person may by what they hold for the row's agent alone; without a row, for some agent."""
        if not self.agent_path or not request.user.is_authenticated:
            return False
        asked = permissions or (self.permission,)
        if obj is None:
            return holds_for_some_agent(request.user, *asked)
        workspace_id, agent_id = self.workspace_id_of(obj), self._agent_id_of(obj)
        return any(may_for(request.user, name, workspace_id=workspace_id, agent_id=agent_id) for name in asked)

    def _agent_id_of(self, obj: models.Model) -> UUID | None:
        return getattr(obj, self.agent_path, None)

    def workspace_id_of(self, obj: models.Model) -> UUID:
        """The workspace that a row belongs to."""
        *path, last = self.workspace_path.split("__")
        for name in path:
            obj = getattr(obj, name)
        workspace_id: UUID = getattr(obj, f"{last}_id")
        return workspace_id

    # ---- what is seen ----------------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        seen = list_workspaces(request.user, self.permission, *self.view_permissions)
        of_workspaces = Q(**{f"{self.workspace_path}__in": seen})
        if not self.agent_path:
            return rows.filter(of_workspaces)
        alone = get_held(request.user).list_agents(self.permission)
        return rows.filter(of_workspaces | Q(**{f"{self.agent_path}__in": alone}))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)  # it would delete many rows outside one transaction with their events
        return actions

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [scope_filter(one, self.model) for one in super().get_list_filter(request)]

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return name_controls(super().get_changelist_formset(request, **kwargs))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **self._scoped(db_field, request, kwargs))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **self._scoped(db_field, request, kwargs))

    def _scoped(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Choices of related rows end at the border of the workspaces that the person may edit."""
        return kwargs | scoped_choices(db_field, request, self.permission)

    # ---- every edit is in the ledger ---------------------------------------------------------------------------------
    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:  # noqa: FBT001
        self._ensure_here(request, obj)
        super().save_model(request, obj, form, change)
        self.record(request, obj, "updated" if change else "created", form.changed_data)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: ARG002, FBT001
        formset.save()
        for row in formset.new_objects:
            self.record(request, row, "created", [], of=form.instance)
        for row, fields in formset.changed_objects:
            self.record(request, row, "updated", fields, of=form.instance)
        for row in formset.deleted_objects:
            self.record(request, row, "deleted", [], of=form.instance)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        self.record(request, obj, "deleted", [])
        super().delete_model(request, obj)

    def record(
        self,
        request: HttpRequest,
        row: models.Model,
        operation: str,
        fields: list[str],
        *,
        of: models.Model | None = None,
    ) -> None:
        """Append `config.changed` for a row, or for a row that hangs `of` this page's one."""
        record_config_change(
            workspace_id=self.workspace_id_of(of or row),
            row=row,
            operation=operation,
            fields=fields,
            actor=actor_of(request),
            now=get_now(),
        )

    def _ensure_here(self, request: HttpRequest, obj: models.Model) -> None:
        if not (may(request.user, self.permission, self.workspace_id_of(obj)) or self._may_alone(request, obj)):
            raise PermissionDenied

    # ---- history ---------------------------------------------------------------------------------------------------
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What a row was before. A row that is a record itself has none: Http404."""
        self._require_history()
        response: HttpResponse = super().history_view(request, object_id, extra_context)
        return response

    def _require_history(self) -> None:
        if not hasattr(self.model._meta, "simple_history_manager_attribute"):
            raise Http404

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A version from the row's history; POST sets the row back to it."""
        self._require_history()
        if request.method != "POST":
            response: HttpResponse = super().history_form_view(request, object_id, version_id, extra_context)
            return response
        version = get_object_or_404(
            self.model.history, history_id=version_id, **{self.model._meta.pk.attname: object_id}
        )
        is_of_all = self._may(request, version.instance, self.permission)  # what is held for one agent does not do
        if not (is_of_all and self.has_change_permission(request, version.instance)):
            raise PermissionDenied
        self._revert_to(request, version)
        return HttpResponseRedirect(
            reverse(f"admin:governance_{self.model._meta.model_name}_history", args=[object_id])
        )

    def _revert_to(self, request: HttpRequest, version: Any) -> None:
        """Set the row back to this version and tell the person what became of it."""
        try:
            revert_config(
                model=self.model,
                history_id=version.pk,
                workspace_id=self.workspace_id_of(version.instance),
                actor=actor_of(request),
                now=get_now(),
            )
        except (RevertError, ValidationError) as error:
            words = "; ".join(getattr(error, "messages", [str(error)]))
            self.message_user(request, f"Not reverted: {words}", messages.ERROR)
        else:
            self.message_user(request, "Reverted. The change before it stays in the history.")


def find_or_404(rows: QuerySet[Any], object_id: str) -> Any:
    """The row with this id. Raises Http404, also for what can be no id."""
    try:
        return get_object_or_404(rows, pk=object_id)
    except ValidationError as error:
        raise Http404 from error
