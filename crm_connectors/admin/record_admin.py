"""Lists of the embedded CRM's records, one per kind, and the doors to a record's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect

from crm_connectors.admin.record_access import WorkspaceRecordAdmin
from crm_connectors.admin.record_page import show_add_page, show_record_page
from crm_connectors.models import CrmRecord
from crm_connectors.models.record_kinds import RECORD_KINDS
from crm_connectors.selectors.embedded_schema import list_column_labels


class RecordAdmin(WorkspaceRecordAdmin):
    """One kind of record. Nothing is deleted here: a record is archived from its page."""

    search_fields = ("title", "number", "values")
    search_help_text = "Name, id, or any text in the record"
    list_display_links = ("record_id", "called")
    list_per_page = 50
    show_full_result_count = False
    ordering = ("number",)
    list_select_related = ("crm_object",)
    actions = None
    is_outbox = False
    own_way: tuple[str, ...] = ()

    def list_deeds(self, request: HttpRequest, record: CrmRecord) -> list[tuple[str, str]]:  # noqa: ARG002
        """What may be done to the record besides editing, as (words, address)."""
        return []

    def get_queryset(self, request: HttpRequest) -> QuerySet[CrmRecord]:
        rows = super().get_queryset(request)
        return rows.filter(crm_object__name=self.model.object_name, archived_at__isnull=True)

    def get_list_display(self, request: HttpRequest) -> list[Any]:  # noqa: ARG002 (Django's signature)
        columns = list_column_labels(self.model.object_name)
        return ["record_id", "called", *(_column(name, label) for name, label in columns.items()), "changed"]

    @admin.display(description="Id", ordering="number")
    def record_id(self, record: CrmRecord) -> str:
        return str(record.number)

    @admin.display(description="Name", ordering="title")
    def called(self, record: CrmRecord) -> str:
        return str(record)

    @admin.display(description="Changed", ordering="modified_at")
    def changed(self, record: CrmRecord) -> Any:
        return record.modified_at

    @method_decorator(csrf_protect)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002 (Django's signature)
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Not Django's own: that one would wrap the edit in a transaction, and the CRM opens its own."""
        return show_record_page(self, request, object_id) if object_id else show_add_page(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: CrmRecord | None = None) -> bool:  # noqa: ARG002
        return False


def _column(name: str, label: str) -> Any:
    @admin.display(description=label)
    def show(record: CrmRecord) -> Any:
        value = record.values.get(name)
        return "–" if value is None else f"{value:,}" if isinstance(value, int | float) else value

    show.__name__ = f"column_{name}"
    return show


for kind in RECORD_KINDS:
    admin.site.register(kind, RecordAdmin)
