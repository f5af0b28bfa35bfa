"""Sequences and enrolments in the console: paused and resumed by a person, with a reason."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from crm_connectors.admin.outward_admin import OutwardAdmin
from crm_connectors.admin.record_access import WRITE
from crm_connectors.admin.record_admin import RecordAdmin
from crm_connectors.models import CrmRecord, Sequence, SequenceEnrolment
from crm_connectors.port import ConnectorError
from crm_connectors.selectors.embedded_read import is_record_id
from crm_connectors.selectors.enrolments import describe_enrolments
from crm_connectors.selectors.record_page import get_page_record
from crm_connectors.services.pausing import PauseError, pause, resume
from governance.admin.actor import user_of
from governance.admin.confirm import Deed, confirm
from governance.selectors.access import NotAllowedError, may

_ERRORS = (PauseError, NotAllowedError, ConnectorError, LedgerUnavailableError)


class PausableAdmin(RecordAdmin):
    """A page that pauses what runs and resumes what is paused."""

    follows = "Nobody enters it, and nobody in it gets a further message."
    own_way = ("status",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.pause_view)
        name = f"crm_connectors_{self.opts.model_name}_pause"
        return [path("<str:object_id>/pause/", view, name=name), *super().get_urls()]

    def list_deeds(self, request: HttpRequest, record: CrmRecord) -> list[tuple[str, str]]:
        """What this person may do to the record besides editing, as (words, address)."""
        words = {"active": "Pause…", "paused": "Resume…"}.get(str(record.values.get("status")))
        if words is None or record.archived_at is not None or not _may_pause(request, record):
            return []
        return [(words, reverse(f"admin:crm_connectors_{self.opts.model_name}_pause", args=[record.pk]))]

    def pause_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = get_page_record(self.model, int(object_id)) if is_record_id(object_id) else None
        if record is None:
            raise Http404("no such record")
        if not _may_pause(request, record):
            raise PermissionDenied
        is_paused = record.values.get("status") == "paused"

        def act(reason: str) -> str:
            (resume if is_paused else pause)(
                connection_id=record.crm_object.connection_id,
                object_type=record.crm_object.name,
                record_id=str(record.number),
                reason=reason,
                user_id=user_of(request).pk,
                now=get_now(),
            )
            return f"{record} goes on." if is_paused else f"{record} is paused."

        return confirm(request, self._deed(record, is_paused=is_paused), act, _ERRORS)

    def _deed(self, record: CrmRecord, *, is_paused: bool) -> Deed:
        return Deed(
            title=f"{'Resume' if is_paused else 'Pause'}: {record}",
            intro="It goes on where it was, unless a stop is in force." if is_paused else self.follows,
            submit="Resume it" if is_paused else "Pause it",
            back=reverse(f"admin:crm_connectors_{self.opts.model_name}_change", args=[record.pk]),
        )


class EnrolmentAdmin(PausableAdmin, OutwardAdmin):
    follows = "This person gets no further message of the sequence."

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["record_id", "called", "runs", *super().get_list_display(request)[2:]]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's rows, each with what holds it back: two queries for the page."""
        page = super().get_changelist_instance(request)
        page.result_list = rows = list(page.result_list.select_related("crm_object__connection"))
        found = describe_enrolments(rows)
        for row in rows:
            row.runs_words = found[row.pk]
        return page

    @admin.display(description="Runs")
    def runs(self, row: Any) -> str:
        return str(row.runs_words)


def _may_pause(request: HttpRequest, record: CrmRecord) -> bool:
    return may(user_of(request), WRITE, record.crm_object.connection.workspace_id)


for kind, its_admin in ((Sequence, PausableAdmin), (SequenceEnrolment, EnrolmentAdmin)):
    admin.site.unregister(kind)
    admin.site.register(kind, its_admin)
