"""Stand-ins in the console: who votes in whose place, and until when; ended by RevOps where it must be (APR-05)."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import user_of
from governance.admin.confirm import Deed, confirm
from governance.admin.governed import GovernedAdmin
from governance.models import StandIn
from governance.selectors.access import NotAllowedError
from governance.services.stand_ins import StandInError, revoke_stand_in

ERRORS = (StandInError, NotAllowedError, LedgerUnavailableError)


@admin.register(StandIn)
class StandInAdmin(GovernedAdmin):
    """Read-only but for the end: people name their own on the page `Out of office`."""

    permission = "manage_agents"
    workspace_path = "group__workspace"
    list_display = ("person", "stand_in", "group", "state", "starts_at", "ends_at", "end_it")
    list_select_related = ("group__workspace", "person", "stand_in", "revoked_by")
    search_fields = ("person__name", "stand_in__name", "group__name")
    ordering = ("-created_at",)
    fields = readonly_fields = (
        "group",
        "person",
        "stand_in",
        "state",
        "reason",
        "named_by",
        "created_at",
        "starts_at",
        "ends_at",
        "revoked_by",
        "revoked_at",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    @display(description="State", label={"live": "success", "coming": "info", "ended": "danger", "over": "warning"})
    def state(self, row: StandIn) -> str:
        now = get_now()
        if row.revoked_at is not None:
            return "ended"
        if row.ends_at <= now:
            return "over"
        return "live" if row.starts_at <= now else "coming"

    @display(description="")
    def end_it(self, row: StandIn) -> str:
        if row.revoked_at is not None:
            return f"by {row.revoked_by}"
        address = reverse("admin:governance_standin_end", args=[row.pk])
        return format_html('<a class="text-red-600" href="{}">End</a>', address) if row.ends_at > get_now() else ""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self._end)
        return [path("<uuid:stand_in_id>/end/", view, name="governance_standin_end"), *super().get_urls()]

    def _end(self, request: HttpRequest, stand_in_id: UUID) -> HttpResponse:
        row = get_object_or_404(StandIn.objects.select_related("group", "person", "stand_in"), pk=stand_in_id)
        if not self._may(request, row, self.permission):
            raise PermissionDenied
        deed = Deed(
            title=f"End: {row.stand_in.name} no longer votes for {row.person.name}",
            intro="It bites at once. What they approved in that place and nobody has executed yet waits again.",
            lines=[f"In the group {row.group.name}."],
            submit="End it",
            back=reverse("admin:governance_standin_changelist"),
            needs_reason=False,
            is_dangerous=True,
        )

        def act(_reason: str) -> str:
            revoke_stand_in(stand_in_id=stand_in_id, user_id=user_of(request).pk, now=get_now())
            return "Ended."

        return confirm(request, deed, act, ERRORS)
