"""Kill switches in the console: engage and lift, each with a reason (KIL-01/03)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import actor_of, user_of
from governance.admin.confirm import Deed, confirm
from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.domain.switch_words import switch_words
from governance.domain.vocabulary import SwitchKind
from governance.models import KillSwitch
from governance.selectors.access import NotAllowedError, list_workspaces
from governance.selectors.people import list_actor_names
from governance.services.change_errors import ChangeError
from governance.services.change_kind import ChangeRefusedError
from governance.services.switch_proposals import propose_lift
from governance.services.switches import SwitchError, engage_switch

_LIFT_ERRORS = (SwitchError, ChangeError, ChangeRefusedError, NotAllowedError, LedgerUnavailableError)


class EngageForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = KillSwitch
        fields = ("workspace", "kind", "agent", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            kinds = [("", "Choose what to stop"), *((kind.value, switch_words(kind).meaning) for kind in SwitchKind)]
            self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
            self.fields["kind"].initial = ""  # nobody stops everything by not choosing

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind, agent, workspace = data.get("kind"), data.get("agent"), data.get("workspace")
        if (kind == SwitchKind.AGENT) != (agent is not None):
            raise forms.ValidationError("Name an agent for the switch of one agent, and only for that.")
        if agent is not None and workspace is not None and agent.workspace_id != workspace.pk:
            raise forms.ValidationError("The workspace has no such agent.")
        return data

    def validate_constraints(self) -> None:
        """Engaging what is in force already is no mistake: the service answers with the switch in force."""


@admin.register(KillSwitch)
class KillSwitchAdmin(GovernedAdmin):
    permission = "engage_switches"
    view_permissions = (*VIEW_PERMISSIONS, "engage_switches", "lift_switches")
    engage = staticmethod(engage_switch)
    form = EngageForm
    list_display = ("what", "state", "reason", "engager", "engaged_at", "lifted_at", "lift_it")
    list_filter = ("kind", ("lifted_at", admin.EmptyFieldListFilter))
    list_select_related = ("agent",)
    ordering = ("-engaged_at",)
    nothing_yet = "Nothing was ever stopped."

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Nobody chooses among one in a hurry."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        workspaces = list(list_workspaces(request.user, self.permission)[:2])
        return {"workspace": workspaces[0].pk, **initial} if len(workspaces) == 1 else initial

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        only_save = {
            "title": "Engage a kill switch",
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        response: HttpResponse = super().add_view(request, form_url, {**(extra_context or {}), **only_save})
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001
        obj.pk = self.engage(
            workspace_id=obj.workspace_id,
            kind=obj.kind,
            agent_id=obj.agent_id,
            reason=obj.reason,
            actor=actor_of(request),
            now=get_now(),
            user_id=user_of(request).pk,
        )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's rows, with the names of who engaged and lifted: one query for the page."""
        page = super().get_changelist_instance(request)
        page.result_list = rows = list(page.result_list)
        names = list_actor_names({actor for row in rows for actor in (row.engaged_by, row.lifted_by) if actor})
        for row in rows:
            row.engaged_by = names.get(row.engaged_by, row.engaged_by)
            row.lifted_by = names.get(row.lifted_by, row.lifted_by)
        return page

    @display(description="Engaged by")
    def engager(self, row: KillSwitch) -> str:
        return row.engaged_by

    @display(description="Stops")
    def what(self, row: KillSwitch) -> str:
        return row.agent.name if row.agent is not None else switch_words(row.kind).meaning

    @display(description="State", label={"in force": "danger", "lifted": "success"})
    def state(self, row: KillSwitch) -> str:
        return "in force" if row.lifted_at is None else "lifted"

    @display(description="")
    def lift_it(self, row: KillSwitch) -> str:
        if row.lifted_at is not None:
            return f"by {row.lifted_by}: {row.lift_reason}"
        url = reverse("admin:governance_killswitch_lift", args=[row.pk])
        return format_html('<a class="text-primary-600" href="{}">Lift…</a>', url)

    def get_urls(self) -> list[URLPattern]:
        lift = self.admin_site.admin_view(self._lift)
        return [path("<uuid:switch_id>/lift/", lift, name="governance_killswitch_lift"), *super().get_urls()]

    def _lift(self, request: HttpRequest, switch_id: Any) -> HttpResponse:
        switch = get_object_or_404(KillSwitch.objects.select_related("agent"), pk=switch_id)
        if not self._may(request, switch, "lift_switches"):
            raise PermissionDenied
        user, (engager,) = user_of(request), list_actor_names([switch.engaged_by]).values()
        person_id = user.person_id
        if person_id is None:
            raise PermissionDenied
        deed = Deed(
            title=f"Lift: {self.what(switch)}",
            intro=f"Engaged by {engager} because: {switch.reason}",
            lines=("You propose it with your reason; work goes on when a second person has countersigned.",),
            submit="Propose to lift it",
            back=reverse("admin:governance_killswitch_changelist"),
            is_dangerous=True,
        )

        def act(reason: str) -> str:
            propose_lift(switch_id=switch.pk, reason=reason, person_id=person_id, user_id=user.pk, now=get_now())
            return "Proposed. It stays stopped until a second person has countersigned under “Two-person changes”."

        return confirm(request, deed, act, _LIFT_ERRORS)
