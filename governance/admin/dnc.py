"""Do not contact in the console: our own pages stand where Django's list and form would (DNC-02)."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from governance.admin import dnc_add, dnc_list
from governance.admin.dnc_door import VIEWERS
from governance.admin.governed import GovernedAdmin
from governance.models import DncEntry


@admin.register(DncEntry)
class DncEntryAdmin(GovernedAdmin):
    """Entries are added and proposed to end by services; nothing here edits a row."""

    permission = "manage_dnc"
    view_permissions = VIEWERS

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, None, "add_dnc")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        return dnc_list.show_list(request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """The form for a new entry, or the page of one."""
        if object_id is None:
            return dnc_add.add(request)
        try:
            return dnc_list.show_entry(request, UUID(object_id))
        except ValueError:
            raise Http404 from None

    def get_urls(self) -> list[URLPattern]:
        guard, name = self.admin_site.admin_view, "governance_dncentry_{}".format
        own = [
            path("look/", guard(dnc_add.look), name=name("look")),
            path("<uuid:entry_id>/propose/", guard(dnc_list.propose_removal), name=name("propose")),
            path("proofs/<uuid:proof_id>/", guard(dnc_add.proof), name=name("proof")),
        ]
        return [*own, *super().get_urls()]
