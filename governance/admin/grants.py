"""Every grant in one table: agent → object → action → fields → environment (PRM-02, PRM-03, PRM-06)."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import actor_of, user_of
from governance.admin.confirm import Deed, ask, confirm
from governance.admin.governed import GovernedAdmin
from governance.admin.grant_fields import FieldsField, answer_fields
from governance.models import Agent, Connection, Grant
from governance.selectors.access import NotAllowedError, list_workspaces
from governance.selectors.grants import list_field_names, list_grant_states
from governance.selectors.held import get_held
from governance.services.grants import FREES, GrantError, copy_grants, set_withdrawn

ERRORS = (GrantError, NotAllowedError, LedgerUnavailableError)


class GrantRowForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """One row of the table. A field that was granted and is registered no more stays to be seen and taken out."""

    read_fields = FieldsField(required=False)
    write_fields = FieldsField(required=False)
    names: ClassVar[dict[tuple[UUID, str], list[str]] | None] = None

    class Meta:
        model = Grant
        fields = ("read_fields", "write_fields")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        known = self.names if self.names is not None else list_field_names([row.connection_id])
        names = known.get((row.connection_id, row.object_type), [])
        for name in ("read_fields", "write_fields"):
            self.fields[name].offer(row, names, getattr(row, name) or [])  # type: ignore[attr-defined]


class NewGrantForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What may be done where; its fields are chosen on the next page, among the object's own."""

    class Meta:
        model = Grant
        fields = ("agent", "connection", "object_type", "action")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        agent, place = data.get("agent"), data.get("connection")
        if agent is not None and place is not None:
            if agent.workspace_id != place.workspace_id:
                raise forms.ValidationError("The connection belongs to another workspace.")
            if (place.pk, data.get("object_type")) not in list_field_names([place.pk]):
                raise forms.ValidationError("The registry of this connection has no such object.")
        return data


class CopyForm(forms.Form):
    """Whose grants, from where to where."""

    agent = forms.ModelChoiceField(queryset=Agent.objects.none(), widget=UnfoldAdminSelectWidget)
    source = forms.ModelChoiceField(label="From", queryset=Connection.objects.none(), widget=UnfoldAdminSelectWidget)
    target = forms.ModelChoiceField(label="To", queryset=Connection.objects.none(), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = list_workspaces(request.user, "edit_policy")
        self.fields["agent"].queryset = Agent.objects.filter(workspace__in=places).order_by("name")  # type: ignore[attr-defined]
        for name in ("source", "target"):
            self.fields[name].queryset = Connection.objects.filter(workspace__in=places).order_by("name")  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda row: f"{row.name} ({row.environment})"  # type: ignore[attr-defined]


@admin.register(Grant)
class GrantAdmin(GovernedAdmin):
    workspace_path = "agent__workspace"
    list_display = ("agent", "object_type", "action", "place", "state", "withdraw_it", "read_fields", "write_fields")
    list_display_links = ("object_type",)
    list_editable = ("read_fields", "write_fields")
    list_filter = (
        "agent",
        "object_type",
        "action",
        ("connection__environment", admin.AllValuesFieldListFilter),
        "connection",
        "is_withdrawn",
    )
    search_fields = ("agent__name", "object_type", "action")
    ordering = ("agent__name", "object_type", "action", "connection__name")
    list_per_page = 25
    list_fullwidth = True
    list_before_template = "governance/grants_words.html"
    actions_list = ("copy_to",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A withdrawn row that is gone could come again as a new one."""
        return self._may(request, obj, self.permission) if obj is None else self._may_move(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        rows: QuerySet[Grant] = super().get_queryset(request)
        return rows.select_related("agent__workspace", "connection")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Boxes for who edits them, words for who reads."""
        shown = super().get_list_display(request)
        if self.has_change_permission(request):
            return tuple(shown)
        told = {"read_fields": "reads", "write_fields": "writes"}
        return tuple(told.get(name, name) for name in shown if name != "withdraw_it")

    @display(description="Reads")
    def reads(self, row: Grant) -> str:
        return ", ".join(row.read_fields)

    @display(description="Writes")
    def writes(self, row: Grant) -> str:
        return ", ".join(row.write_fields)

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:  # noqa: ARG002
        """The form of a row. What was sent is held against the names of all fields: one query for the page."""
        places = Connection.objects.filter(workspace__in=list_workspaces(request.user, self.permission))
        names = list_field_names(places.values_list("pk", flat=True)) if request.method == "POST" else {}
        return type("GrantRowForm", (GrantRowForm,), {"names": names})

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        return super().get_form(request, obj, change=change, form=GrantRowForm if obj else NewGrantForm, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        named = ("agent", "connection", "object_type", "action")
        return (*named, "read_fields", "write_fields") if obj is not None else named

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("agent", "connection", "object_type", "action") if obj is not None else ()

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's rows with their states, and whether the person may withdraw them or give them back."""
        page = super().get_changelist_instance(request)
        rows = list(page.result_list)
        states = list_grant_states(rows)
        held = get_held(request.user)
        places = {name: {place.pk for place in held.list_where(name)} for name in (self.permission, FREES)}
        for row in rows:  # the very instances that the page's forms and cells take
            row.published_state = states[row.pk]
            row.may_move = row.agent.workspace_id in places[self._moving(row)]
        return page

    @display(description="Where")
    def place(self, row: Grant) -> str:
        return f"{row.connection.name} ({row.connection.environment})"

    @display(
        description="State",
        label={"published": "success", "changed since": "warning", "not published": "info", "withdrawn": "danger"},
    )
    def state(self, row: Any) -> str:
        return str(getattr(row, "published_state", ""))

    @display(description="")
    def withdraw_it(self, row: Any) -> str:
        if not getattr(row, "may_move", False):
            return ""
        address = reverse("admin:governance_grant_withdraw", args=[row.pk])
        word, colour = ("Give back", "text-primary-600") if row.is_withdrawn else ("Withdraw now", "text-red-600")
        return format_html('<a class="{}" href="{}">{}</a>', colour, address, word)

    def response_add(self, request: HttpRequest, obj: Grant, post_url_continue: str | None = None) -> HttpResponse:  # noqa: ARG002
        """On to its fields."""
        self.message_user(request, "Added. Choose its fields; without any it grants the action alone.")
        return HttpResponseRedirect(reverse("admin:governance_grant_change", args=[obj.pk]))

    @action(description="Copy an agent's grants", url_path="copy", permissions=["copy_to"])
    def copy_to(self, request: HttpRequest) -> HttpResponse:
        deed = Deed(
            title="Copy an agent's grants to another connection",
            intro="Grants that are there already stay as they are. Nothing bites before the policy is published.",
            submit="Copy",
            back=reverse("admin:governance_grant_changelist"),
        )

        def act(data: dict[str, Any]) -> str:
            done = copy_grants(
                agent_id=data["agent"].pk,
                source_id=data["source"].pk,
                target_id=data["target"].pk,
                actor=actor_of(request),
                user_id=user_of(request).pk,
                now=get_now(),
            )
            left = f" Left out, because {data['target'].name} lacks them: {', '.join(done.dropped)}."
            return f"{done.copied} copied, {done.kept} were there already.{left if done.dropped else ''}"

        return ask(request, deed, CopyForm(request.POST or None, request=request), act, ERRORS)

    def _may_move(self, request: HttpRequest, row: Grant) -> bool:
        """Whether the person may withdraw the row, or give it back if it is withdrawn."""
        return self._may(request, row, self._moving(row))

    def _moving(self, row: Grant) -> str:
        return FREES if row.is_withdrawn else self.permission

    def has_copy_to_permission(self, request: HttpRequest) -> bool:
        return self._may(request, None, self.permission)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<uuid:grant_id>/withdraw/", view(self._withdraw), name="governance_grant_withdraw"),
            path("<uuid:grant_id>/fields/", view(self._fields), name="governance_grant_fields"),
        ]
        return [*own, *super().get_urls()]

    def _fields(self, request: HttpRequest, grant_id: UUID) -> HttpResponse:
        """What its boxes offer, for who edits it."""
        row = get_object_or_404(Grant.objects.select_related("agent"), pk=grant_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return answer_fields(request, row)

    def _withdraw(self, request: HttpRequest, grant_id: UUID) -> HttpResponse:
        row = get_object_or_404(Grant.objects.select_related("agent__workspace", "connection"), pk=grant_id)
        if not self._may_move(request, row):
            raise PermissionDenied
        verb, deed_words = "Give back" if row.is_withdrawn else "Withdraw now", row.action.replace("_", " ")
        deed = Deed(
            title=f"{verb}: {row.agent.name}, {deed_words} {row.object_type} at {row.connection.name}",
            intro="This bites at once, with the next request and the next execution, without publishing.",
            submit=verb,
            back=reverse("admin:governance_grant_changelist"),
            needs_reason=False,
            is_dangerous=not row.is_withdrawn,
        )

        def act(_reason: str) -> str:
            set_withdrawn(
                grant_id=grant_id,
                is_withdrawn=not row.is_withdrawn,
                actor=actor_of(request),
                user_id=user_of(request).pk,
                now=get_now(),
            )
            return "It is given back." if row.is_withdrawn else "Withdrawn. The next request is refused."

        return confirm(request, deed, act, ERRORS)
