"""Circuit breakers: the rows that RevOps edit, above them how each stands, and the reset (LIM-04)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import actor_of, user_of
from governance.admin.confirm import Deed, confirm
from governance.admin.governed import VIEW_PERMISSIONS, GovernedAdmin
from governance.domain.action_class import REQUESTABLE
from governance.domain.breaker_coherence import list_mistakes
from governance.domain.change_words import duration
from governance.models import Breaker, BreakerState
from governance.selectors.access import NotAllowedError, holds_anywhere, list_workspaces
from governance.selectors.breaker_board import list_breaker_lines
from governance.services.breakers import BreakerError, reset_breaker

RESET = "lift_switches"
_ERRORS = (BreakerError, NotAllowedError, LedgerUnavailableError)
_MICROS = 1_000_000


class BreakerForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    actions = forms.MultipleChoiceField(
        choices=[(action.value, action.replace("_", " ")) for action in sorted(REQUESTABLE)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="The class of action that is watched and stopped; none means every action",
    )

    class Meta:
        model = Breaker
        fields = ("workspace", "name", "signal", "environment", "agent", "actions")

    def clean(self) -> dict[str, Any]:
        """What could not be published is told here already."""
        data = super().clean() or {}
        if not self.errors:
            for message in list_mistakes(data):
                self.add_error(None, f"{message[:1].upper()}{message[1:]}.")
        return data


@admin.register(Breaker)
class BreakerAdmin(GovernedAdmin):
    form = BreakerForm
    list_display = ("name", "signal", "environment", "shown_agent", "shown_actions", "shown_threshold", "is_active")
    list_filter = ("is_active", "environment", "signal")
    list_select_related = ("agent",)
    search_fields = ("name", "reason")
    ordering = ("environment", "name")
    fields = (
        ("workspace", "name"),
        ("signal", "environment", "agent"),
        "actions",
        ("ratio", "amount", "currency"),
        ("window_seconds", "min_calls"),
        ("open_seconds", "probes"),
        ("reason", "owner", "is_active"),
    )
    list_before_template = "governance/breakers_live.html"

    class Media:
        css = {"all": ("governance/limits.css",)}

    @display(description="Agent", ordering="agent__name")
    def shown_agent(self, row: Breaker) -> str:
        return row.agent.name if row.agent is not None else "all together"

    @display(description="Actions")
    def shown_actions(self, row: Breaker) -> str:
        return ", ".join(str(action).replace("_", " ") for action in row.actions) or "every action"

    @display(description="Trips at")
    def shown_threshold(self, row: Breaker) -> str:
        sum_ = f"{row.amount / _MICROS:,.2f} {row.currency}" if row.currency else f"{row.ratio:.1%}"
        return f"{sum_} in {duration(row.window_seconds)}, from {_calls(row.min_calls)} on"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {**(extra_context or {}), **breaker_context(request, self.permission)}
        response: HttpResponse = super().changelist_view(request, context)
        return response

    def get_urls(self) -> list[URLPattern]:
        reset = self.admin_site.admin_view(self._reset)
        return [path("<uuid:state_id>/reset/", reset, name="governance_breaker_reset"), *super().get_urls()]

    def _reset(self, request: HttpRequest, state_id: Any) -> HttpResponse:
        state = get_object_or_404(BreakerState, pk=state_id)
        if not self._may(request, state, RESET):
            raise PermissionDenied
        user = user_of(request)
        deed = Deed(
            title=f"Close the breaker {state.name}",
            intro=f"It opened because: {state.why}" if state.opened_at else "It is closed already.",
            lines=("Agents go on at once, without probes. Counting begins anew.",),
            submit="Close it now",
            back=reverse("admin:governance_breaker_changelist"),
            is_dangerous=True,
        )

        def act(reason: str) -> str:
            reset_breaker(state_id=state.pk, reason=reason, user_id=user.pk, actor=actor_of(request), now=get_now())
            return f"Closed. {state.name} counts anew from now on."

        return confirm(request, deed, act, _ERRORS)


def _calls(count: int) -> str:
    return f"{count:,} calls" if count != 1 else "the first call"


def breaker_context(request: HttpRequest, permission: str) -> dict[str, Any]:
    """What `breakers_live.html` shows: the breakers that the person sees, and whether they may close one."""
    seen = list_workspaces(request.user, permission, *VIEW_PERMISSIONS)
    may_reset = request.user.is_authenticated and holds_anywhere(request.user, RESET)
    lines = list_breaker_lines(seen, get_now())
    return {
        "watched": [line for line in lines if not line.is_quiet],
        "quiet": [line for line in lines if line.is_quiet],
        "may_reset": may_reset,
    }
