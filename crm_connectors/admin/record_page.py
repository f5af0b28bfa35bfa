"""The page of one record: its form, what the CRM keeps, its neighbours and its history."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from audit.selectors.clock import get_now
from crm_connectors.admin.record_access import may_open_file
from crm_connectors.admin.record_form import RecordForm, make_record_form
from crm_connectors.domain.attachment import read_listing
from crm_connectors.domain.outgoing_mail import readable_part
from crm_connectors.models import CrmField, CrmObject, CrmRecord
from crm_connectors.models.record_kinds import RECORD_KINDS
from crm_connectors.port import ConnectorError, RejectedError
from crm_connectors.selectors.embedded_read import is_record_id
from crm_connectors.selectors.embedded_schema import get_fields, list_objects
from crm_connectors.selectors.record_page import (
    get_page_record,
    list_filled_values,
    list_kept_values,
    list_neighbours,
    list_shown_history,
)
from crm_connectors.services.embedded_edit import add_record, edit_record, remove_record
from crm_connectors.services.outward_files import read_outward_file
from governance.domain.action_class import ATTACHMENTS

TEMPLATE = "crm_connectors/record_page.html"
_KIND_OF = {kind.object_name: kind._meta.model_name for kind in RECORD_KINDS}


def show_record_page(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show a record; on POST save what changed or archive it."""
    record = _find(model_admin, object_id)
    _refuse_strangers(model_admin, request, record)
    if request.method == "POST" and "_archive" in request.POST:
        return _archive(model_admin, request, record)
    fields = get_fields(record.crm_object_id)
    form = _make_form(model_admin, request, fields, record)
    if form.is_bound and form.is_valid() and _save(request, record, form):
        messages.success(request, f"{record} was saved.")
        return HttpResponseRedirect(request.path)
    return _render(model_admin, request, form, fields, record)


def _make_form(model_admin: Any, request: HttpRequest, fields: dict[str, CrmField], record: CrmRecord) -> RecordForm:
    return make_record_form(
        fields.values(),
        record.values,
        version=str(record.version),
        data=request.POST or None,
        is_editable=_is_editable(model_admin, request, record),
        own_way=model_admin.own_way,
    )


def _refuse_strangers(model_admin: Any, request: HttpRequest, record: CrmRecord) -> None:
    """Seeing takes one permission, every POST the other. Raises PermissionDenied."""
    may = model_admin.has_change_permission if request.method == "POST" else model_admin.has_view_or_change_permission
    if not may(request, record):
        raise PermissionDenied


def show_add_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """An empty form; on POST make the record. `?crm=<connection id>` chooses among several CRMs."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    crm_object = _choose_object(model_admin, request)
    fields = get_fields(crm_object.pk)
    form = make_record_form(fields.values(), {}, version="", data=request.POST or None)
    if form.is_bound and form.is_valid() and _add(request, crm_object, form):
        messages.success(request, "The record was added.")
        return HttpResponseRedirect(_list_url(model_admin))
    return _render(model_admin, request, form, fields, None)


def _find(model_admin: Any, object_id: str) -> CrmRecord:
    record = get_page_record(model_admin.model, int(object_id)) if is_record_id(object_id) else None
    if record is None:
        raise Http404("no such record")
    return record


def _choose_object(model_admin: Any, request: HttpRequest) -> CrmObject:
    found = list_objects(model_admin.model.object_name)
    wanted = request.GET.get("crm")
    chosen = [
        item for item in found if wanted in {None, str(item.connection_id)} and model_admin.may_add_to(request, item)
    ]
    if not chosen:
        raise Http404("no embedded CRM has such an object")
    return chosen[0]


def _save(request: HttpRequest, record: CrmRecord, form: RecordForm) -> bool:
    try:
        edit_record(
            connection_id=record.crm_object.connection_id,
            object_type=record.crm_object.name,
            record_id=str(record.number),
            values=form.changed_values(),
            actor=_actor(request),
            now=get_now(),
            version=form.cleaned_data["version"],
        )
    except ConnectorError as error:
        _complain(form, error)
    return form.is_valid()


def _add(request: HttpRequest, crm_object: CrmObject, form: RecordForm) -> bool:
    try:
        add_record(
            connection_id=crm_object.connection_id,
            object_type=crm_object.name,
            values=form.changed_values(),
            actor=_actor(request),
            now=get_now(),
        )
    except ConnectorError as error:
        _complain(form, error)
    return form.is_valid()


def _archive(model_admin: Any, request: HttpRequest, record: CrmRecord) -> HttpResponse:
    try:
        remove_record(
            connection_id=record.crm_object.connection_id,
            object_type=record.crm_object.name,
            record_id=str(record.number),
            actor=_actor(request),
            now=get_now(),
        )
    except ConnectorError as error:
        messages.error(request, f"Not archived: {error}.")
    else:
        messages.success(request, f"{record} was archived.")
    return HttpResponseRedirect(_list_url(model_admin))


def _complain(form: RecordForm, error: ConnectorError) -> None:
    if isinstance(error, RejectedError) and error.errors:
        for name, complaint in error.errors.items():
            form.add_error(name if name in form.fields else None, f"{complaint.capitalize()}.")
    else:
        form.add_error(None, f"Nothing was saved: {error}. Load the page again to see the record as it is now.")


def _is_editable(model_admin: Any, request: HttpRequest, record: CrmRecord | None) -> bool:
    if record is None:
        return bool(model_admin.has_add_permission(request))
    return record.archived_at is None and bool(model_admin.has_change_permission(request, record))


def _actor(request: HttpRequest) -> str:
    return f"human:{request.user.get_username()}"


def _list_url(model_admin: Any) -> str:
    return reverse(f"admin:crm_connectors_{model_admin.opts.model_name}_changelist")


def _render(
    model_admin: Any, request: HttpRequest, form: RecordForm, fields: dict[str, CrmField], record: CrmRecord | None
) -> TemplateResponse:
    about = (
        _about(record, fields, is_outbox=model_admin.is_outbox, may_open=may_open_file(request, record))
        if record
        else {}
    )
    context = {
        **model_admin.admin_site.each_context(request),
        **about,
        "deeds": model_admin.list_deeds(request, record) if record else [],
        "title": str(record) if record else f"Add {model_admin.opts.verbose_name}",
        "opts": model_admin.opts,
        "original": record,
        "form": form,
        "sections": form.list_sections(fields.values()),
        "list_url": _list_url(model_admin),
        "is_editable": _is_editable(model_admin, request, record),
    }
    return TemplateResponse(request, TEMPLATE, context)


def _file(record: CrmRecord, *, may_open: bool) -> dict[str, Any]:
    """The link to the file behind what left, and a message's text. Nothing for other records."""
    file = read_outward_file(record)
    if file is None:
        return {}
    address = reverse(f"admin:crm_connectors_{_KIND_OF[record.crm_object.name]}_file", args=[record.pk])
    is_mail = record.crm_object.name == "emails"
    return {
        "file": file,
        "file_url": address if may_open else "",
        "attachments": read_listing(record.values.get(ATTACHMENTS)) if is_mail else (),
        "message": readable_part(file.content)[:20_000] if is_mail else "",
    }


def _about(record: CrmRecord, fields: dict[str, CrmField], *, is_outbox: bool, may_open: bool) -> dict[str, Any]:
    neighbours = [
        (neighbour, reverse(f"admin:crm_connectors_{_KIND_OF[neighbour.object]}_change", args=[neighbour.key]))
        for neighbour in list_neighbours(record, fields)
        if neighbour.object in _KIND_OF
    ]
    return {
        "record": record,
        "filled_values": list_filled_values(record, fields) if is_outbox else [],
        "kept_values": [] if is_outbox else list_kept_values(record, fields),
        "neighbours": neighbours,
        "history": list_shown_history(record, fields),
        **_file(record, may_open=may_open),
    }
