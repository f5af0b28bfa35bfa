"""The ledger screen for people: whoever may read the ledger sees the events of those workspaces, and nobody more.

The ledger's own room knows no people; this room puts their permissions over its screen.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.admin.ledger import LedgerEventAdmin
from audit.models import LedgerEvent
from governance.domain.vocabulary import ActorType
from governance.selectors.access import holds_anywhere, list_workspaces
from governance.selectors.people import list_actor_names
from governance.selectors.subject_names import list_subject_names

SHORT = 24  # longer ids are cut to their end, where ids of one moment differ

admin.site.unregister(LedgerEvent)


@admin.register(LedgerEvent)
class GovernedLedgerEventAdmin(LedgerEventAdmin):
    """`view_ledger` opens it, workspace by workspace; the permission on the model opens all, as to superusers."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: LedgerEvent | None = None) -> bool:
        is_everywhere: bool = super().has_view_permission(request, obj)
        return is_everywhere or (request.user.is_authenticated and holds_anywhere(request.user, "view_ledger"))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's rows, with the names of people: one query for the page."""
        page = super().get_changelist_instance(request)
        page.result_list = rows = list(page.result_list)
        names = list_actor_names({row.actor_id for row in rows if row.actor_type == ActorType.HUMAN})
        subjects = list_subject_names({(row.subject_type, row.subject_id) for row in rows})
        for row in rows:
            row.actor_name = names.get(row.actor_id, row.actor_id)
            row.subject_name = subjects.get((row.subject_type, row.subject_id), "")
        return page

    @admin.display(description="what")
    def subject(self, event: LedgerEvent) -> str:
        """In the list by name, or by the end of its id; the page of the event has the whole id."""
        name = getattr(event, "subject_name", None)
        if name is None:
            return f"{event.subject_type} {event.subject_id}"
        kind = event.subject_type.replace("_", " ")
        is_long = len(event.subject_id) > SHORT
        short = f"…{event.subject_id[-8:]}" if is_long else event.subject_id
        return f"{kind} {name or short}".strip()

    @admin.display(description="who")
    def actor(self, event: LedgerEvent) -> str:
        """A person by name on both pages; the id stands in what was recorded."""
        name = getattr(event, "actor_name", None)
        if name is None and event.actor_type == ActorType.HUMAN:
            (name,) = list_actor_names([event.actor_id]).values()
        return f"{event.actor_type} {name or event.actor_id}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEvent]:
        """The page of an event of another workspace is not found."""
        rows = super().get_queryset(request)
        if super().has_view_permission(request):
            return rows
        return rows.filter(workspace__in=list_workspaces(request.user, "view_ledger").values("slug"))
