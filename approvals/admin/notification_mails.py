"""E-mails of notifications in the console: what left, what failed, sent again by hand (APR-13)."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from approvals.models import NotificationMail
from approvals.services.notification_mail import retry_failed_mail
from audit.admin.read_only import ReadOnlyRows
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from governance.admin.actor import actor_of
from governance.selectors.access import holds_anywhere, list_workspaces

SEEN_BY = ("edit_policy", "manage_agents", "view_ledger")


@admin.register(NotificationMail)
class NotificationMailAdmin(ReadOnlyRows, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Those that hold news of the person's workspaces."""

    list_display = ("person", "shown_state", "attempts_count", "error", "created_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("person",)
    search_fields = ("person__name", "person__email")
    ordering = ("-id",)
    actions = ("send_again",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.is_authenticated and holds_anywhere(request.user, *SEEN_BY)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and holds_anywhere(request.user, "manage_agents")

    def get_queryset(self, request: HttpRequest) -> QuerySet[NotificationMail]:
        rows: QuerySet[NotificationMail] = super().get_queryset(request)
        seen = list_workspaces(request.user, *SEEN_BY)
        return rows.filter(notifications__workspace__in=seen).distinct()

    @display(description="State", label={"sent": "success", "failed": "danger", "waiting": "warning"})
    def shown_state(self, row: NotificationMail) -> str:
        return row.state

    @action(description="Send those again that failed", permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[NotificationMail]) -> None:
        actor, count = actor_of(request), 0
        try:
            for row in queryset:
                count += retry_failed_mail(mail_id=row.pk, actor=actor, now=get_now())
        except LedgerUnavailableError as error:
            self.message_user(request, f"Not all are sent again: {error}.", messages.ERROR)
        self.message_user(request, f"{count} will be sent again.")
