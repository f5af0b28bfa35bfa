"""The ledger screen for people: whoever may read the ledger sees the events of those workspaces, and nobody more.

The ledger's own room knows no people; this room puts their permissions over its screen.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.admin.ledger import LedgerEventAdmin
from audit.models import LedgerEvent
from governance.selectors.access import holds_anywhere, list_workspaces

admin.site.unregister(LedgerEvent)


@admin.register(LedgerEvent)
class GovernedLedgerEventAdmin(LedgerEventAdmin):
    """`view_ledger` opens it, workspace by workspace; the permission on the model opens all, as to superusers."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: LedgerEvent | None = None) -> bool:
        is_everywhere: bool = super().has_view_permission(request, obj)
        return is_everywhere or (request.user.is_authenticated and holds_anywhere(request.user, "view_ledger"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEvent]:
        """The page of an event of another workspace is not found."""
        rows = super().get_queryset(request)
        if super().has_view_permission(request):
            return rows
        return rows.filter(workspace__in=list_workspaces(request.user, "view_ledger").values("slug"))
