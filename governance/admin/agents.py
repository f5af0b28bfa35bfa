"""Agents: who they are, what they may do, which credentials they hold."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import action, display

from governance.admin.agent_pages import autonomy_page, lifecycle_page, list_steps, lower_page, raise_page
from governance.admin.agent_rights import RIGHTS_SEEN_BY, rights_page
from governance.admin.credential_inline import CredentialInline
from governance.admin.credential_pages import issue_page, revoke_page, rotate_page
from governance.admin.governed import GovernedAdmin
from governance.admin.inlines import GovernedStackedInline, GovernedTabularInline
from governance.admin.lists import LinesField, ensure_registered
from governance.admin.take_back import REVERTED_BY, take_back_link
from governance.models import Agent, AgentVersion, Credential, Grant
from governance.selectors.access import may
from governance.selectors.agent_holders import list_holder_names
from governance.services.grants import FREES


class GrantForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Fields are named one a line and must be registered for that object of that connection."""

    read_fields = LinesField()
    write_fields = LinesField()

    class Meta:
        model = Grant
        fields = ("connection", "object_type", "action", "read_fields", "write_fields", "is_withdrawn")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        names = [*(data.get("read_fields") or []), *(data.get("write_fields") or [])]
        if data.get("connection") and names:
            ensure_registered(data["connection"].pk, data.get("object_type", ""), names)
        return data


class GrantInline(GovernedStackedInline):
    model = Grant
    form = GrantForm
    tab = True
    fields = (("connection", "object_type"), ("action", "is_withdrawn"), ("read_fields", "write_fields"))
    ordering = ("connection__name", "object_type", "action")
    per_page = 20

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if self._may_free(request, obj) else ("is_withdrawn",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Any of the agent's rows may be a withdrawn one, which could come again as a new one."""
        return super().has_delete_permission(request, obj) and self._may_free(request, obj)

    def _may_free(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or may(request.user, FREES, obj.workspace_id)


class VersionInline(GovernedTabularInline):
    """IDN-03: what the agent was, as its requests named it. Written by intake alone."""

    model = AgentVersion
    permission = "manage_agents"
    tab = True
    hide_title = True
    fields = readonly_fields = ("model", "prompt_template", "fingerprint", "first_seen_at")
    ordering = ("-first_seen_at",)
    can_delete = False
    show_change_link = False
    verbose_name_plural = "Versions"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Agent)
class AgentAdmin(GovernedAdmin):
    permission = "manage_agents"
    agent_path = "pk"
    list_display = ("name", "owner", "shown_lifecycle", "level_words", "workspace")
    list_filter = ("lifecycle", "autonomy_level")
    search_fields = ("name", "purpose", "owner__name")
    ordering = ("name",)
    fields = ("workspace", "name", "owner", "purpose")
    readonly_fields = ("shown_steps", "shown_level", "shown_people", "shown_changes")
    inlines = (GrantInline, CredentialInline, VersionInline)
    actions_detail = ("issue_credential",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "purpose" and field is not None:
            field.widget.attrs["rows"] = 3
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False  # an agent retires; its requests stay its own

    @display(
        description="Lifecycle",
        ordering="lifecycle",
        label={"active": "success", "read_only": "info", "quarantined": "danger", "retired": "warning"},
    )
    def shown_lifecycle(self, row: Agent) -> str:
        return row.lifecycle

    @display(description="Autonomy level", ordering="autonomy_level")
    def level_words(self, row: Agent) -> str:
        return row.autonomy_level.replace("_", " ")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who manages this agent alone names neither its owner, who may not vote on it, nor itself anew."""
        fields = super().get_readonly_fields(request, obj)
        is_of_all = obj is None or self._may(request, obj, self.permission)
        return fields if is_of_all else (*fields, "workspace", "name", "owner")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new agent is a draft at the lowest level; both change by pages of their own, never by editing."""
        fields = super().get_fields(request, obj)
        if obj is None:
            return fields
        people = ("shown_people",) if self._may(request, obj, *RIGHTS_SEEN_BY) else ()
        changes = ("shown_changes",) if self._may(request, obj, REVERTED_BY) else ()
        return (*fields, "shown_steps", "shown_level", *people, *changes)

    @display(description="Lifecycle")
    def shown_steps(self, row: Agent) -> str:
        steps = format_html_join(" · ", '<a class="text-primary-600" href="{1}">{0}</a>', list_steps(row))
        return format_html("{}{}{}", row.lifecycle.replace("_", " "), " → " if steps else " (final)", steps)

    @display(description="Autonomy level")
    def shown_level(self, row: Agent) -> str:
        address = reverse("admin:governance_agent_autonomy", args=[row.pk])
        words = row.autonomy_level.replace("_", " ")
        return format_html('{} · <a class="text-primary-600" href="{}">controls, raise or lower</a>', words, address)

    @display(description="What it changed")
    def shown_changes(self, row: Agent) -> str:
        return take_back_link(row.workspace.slug, agent=row.pk)

    @display(description="People")
    def shown_people(self, row: Agent) -> str:
        """Who holds rights for this agent alone, by name."""
        names = self._holders(row)
        address = reverse("admin:governance_agent_rights", args=[row.pk])
        words = f"{', '.join(names)} for it alone" if names else "nobody for it alone"
        return format_html('{} · <a class="text-primary-600" href="{}">who may do what</a>', words, address)

    def _holders(self, row: Any) -> list[str]:
        """Asked once of each row: a form draws what is only read several times."""
        if not hasattr(row, "holder_names"):
            row.holder_names = list_holder_names(row.pk)
        return list(row.holder_names)

    @action(description="Issue credential", url_path="issue-credential", permissions=["issue_credential"])
    def issue_credential(self, request: HttpRequest, object_id: str) -> HttpResponse:
        agent = self.get_object(request, object_id)
        if agent is None:
            raise Http404
        return issue_page(request, agent)

    def has_issue_credential_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        agent = self.get_object(request, object_id) if object_id else None
        if object_id and agent is None and _is_agent(object_id):  # of another workspace
            return False
        return self._may(request, agent, self.permission) or self._may_alone(request, agent)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Agent | None:
        """Read once a request, with its workspace."""
        kept: dict[Any, Agent | None] = request.__dict__.setdefault("_agents_of_page", {})
        if (object_id, from_field) not in kept:
            kept[object_id, from_field] = super().get_object(request, object_id, from_field)
        return kept[object_id, from_field]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        return super().get_queryset(request).select_related("owner", "workspace")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("credentials/<int:credential_id>/rotate/", view(self._rotate), name="governance_credential_rotate"),
            path("credentials/<int:credential_id>/revoke/", view(self._revoke), name="governance_credential_revoke"),
            path("<uuid:agent_id>/autonomy/", view(self._autonomy), name="governance_agent_autonomy"),
            path("<uuid:agent_id>/people/", view(self._rights), name="governance_agent_rights"),
            path("<uuid:agent_id>/raise/<slug:level>/", view(self._raise), name="governance_agent_raise"),
            path("<uuid:agent_id>/lower/<slug:level>/", view(self._lower), name="governance_agent_lower"),
            path("<uuid:agent_id>/lifecycle/<slug:step>/", view(self._lifecycle), name="governance_agent_lifecycle"),
        ]
        return [*own, *super().get_urls()]

    def _autonomy(self, request: HttpRequest, agent_id: UUID) -> HttpResponse:
        return autonomy_page(request, self._seen(request, agent_id).pk)

    def _rights(self, request: HttpRequest, agent_id: UUID) -> HttpResponse:
        return rights_page(request, self._seen_by_workspace(request, agent_id, *RIGHTS_SEEN_BY))

    def _raise(self, request: HttpRequest, agent_id: UUID, level: str) -> HttpResponse:
        return raise_page(request, self._seen_by_workspace(request, agent_id, self.permission), level)

    def _lower(self, request: HttpRequest, agent_id: UUID, level: str) -> HttpResponse:
        return lower_page(request, self._seen(request, agent_id, self.permission), level)

    def _lifecycle(self, request: HttpRequest, agent_id: UUID, step: str) -> HttpResponse:
        return lifecycle_page(request, self._seen(request, agent_id, self.permission, "engage_switches"), step)

    def _seen(self, request: HttpRequest, agent_id: UUID, *permissions: str) -> Agent:
        """The agent, for whoever holds a permission there or for it alone; where none is named, for who may look."""
        agent: Agent = get_object_or_404(Agent.objects.select_related("workspace"), pk=agent_id)
        if not self._may_alone(request, agent, *permissions):
            self._ensure_of_workspace(request, agent, *permissions)
        return agent

    def _seen_by_workspace(self, request: HttpRequest, agent_id: UUID, *permissions: str) -> Agent:
        """The agent, for whoever holds one of the permissions for all agents there."""
        agent: Agent = get_object_or_404(Agent.objects.select_related("workspace"), pk=agent_id)
        self._ensure_of_workspace(request, agent, *permissions)
        return agent

    def _ensure_of_workspace(self, request: HttpRequest, agent: Agent, *permissions: str) -> None:
        if not self._may(request, agent, *(permissions or (self.permission, *self.view_permissions))):
            raise PermissionDenied

    def _rotate(self, request: HttpRequest, credential_id: int) -> HttpResponse:
        return rotate_page(request, self._credential(request, credential_id))

    def _revoke(self, request: HttpRequest, credential_id: int) -> HttpResponse:
        return revoke_page(request, self._credential(request, credential_id))

    def _credential(self, request: HttpRequest, credential_id: int) -> Credential:
        credential: Credential = get_object_or_404(
            Credential.objects.select_related("agent", "integration"), pk=credential_id
        )
        if credential.holder is None or not self.has_change_permission(request, credential.holder):
            raise PermissionDenied
        return credential


def _is_agent(object_id: str) -> bool:
    try:
        return Agent.objects.filter(pk=object_id).exists()
    except ValidationError:  # no id at all
        return False
