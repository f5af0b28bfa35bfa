"""The outbox in the console: what left is looked at, never made or changed by hand."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from crm_connectors.admin.record_access import may_open_file
from crm_connectors.admin.record_admin import RecordAdmin
from crm_connectors.models import CrmRecord, DialerEntry, Email, Export, Meeting, SequenceEnrolment
from crm_connectors.selectors.embedded_read import is_record_id
from crm_connectors.selectors.record_page import get_page_record
from crm_connectors.services.outward_files import download_outward_file
from governance.adapters.file_response import NOT_RECORDED, file_response
from governance.admin.actor import actor_of


class OutwardAdmin(RecordAdmin):
    """Read-only: whatever reaches a person or leaves as data comes through a decided request, and goes by a revert."""

    is_outbox = True

    def get_urls(self) -> list[URLPattern]:
        name = f"crm_connectors_{self.opts.model_name}_file"
        view = self.admin_site.admin_view(self.file_view)
        return [path("<str:object_id>/file/", view, name=name), *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The file behind the record, for whoever may see the record."""
        record = get_page_record(self.model, int(object_id)) if is_record_id(object_id) else None
        if record is None or record.archived_at is not None:
            raise Http404("no such record")
        if not self.has_view_permission(request, record) or not may_open_file(request, record):
            raise PermissionDenied
        try:
            file = download_outward_file(record, actor=actor_of(request), now=get_now())
        except LedgerUnavailableError:
            return HttpResponse(NOT_RECORDED, status=503)
        if file is None:
            raise Http404("there is no file")
        return file_response(file.name, file.content, content_type=file.content_type)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 (Django's signature)
        return False

    def has_change_permission(self, request: HttpRequest, obj: CrmRecord | None = None) -> bool:  # noqa: ARG002
        return False


OUTWARD_KINDS = (Email, Export, Meeting, SequenceEnrolment, DialerEntry)
for kind in OUTWARD_KINDS:
    admin.site.unregister(kind)
    admin.site.register(kind, OutwardAdmin)
