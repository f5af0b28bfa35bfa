"""Records as the CRM holds them now: their names, their context, and the values a reviewer compares with."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from approvals.domain.wording import CONTEXT_FIELDS, record_title
from approvals.models import AgentActionRequest
from approvals.services.pages.labels import fields_of
from crm_connectors.domain.record import Record
from crm_connectors.port import ConnectorError
from crm_connectors.services.connectors import get_connector
from governance.domain.facts import JsonValue
from governance.models import Connection

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RecordNow:
    """`is_read` is False when the CRM could not be asked; `exists` False when it has no such record."""

    is_read: bool = False
    exists: bool = False
    version: str = ""
    values: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return record_title(self.values)


def place_of(request: AgentActionRequest) -> tuple[str, str]:
    """Object and id of the record that the request is about: what it writes, or what the new record hangs on."""
    if request.record_id:
        return request.object_type, request.record_id
    return request.target_object or request.object_type, request.target_id


def read_records(requests: Iterable[AgentActionRequest], *, is_local_only: bool) -> dict[UUID, RecordNow]:
    """The record of each request, read once per connection and object, whatever their number.

    Lists ask local CRMs alone (`is_local_only`): a page of fifty rows never waits for a vendor. A record that cannot be
    read is missing from no page: its entry says so. Expects `connection` joined.
    """
    groups: dict[tuple[UUID, str], list[AgentActionRequest]] = defaultdict(list)
    for request in requests:
        object_type, record_id = place_of(request)
        if record_id:
            groups[request.connection_id, object_type].append(request)
    found: dict[UUID, RecordNow] = {}
    for (_, object_type), members in groups.items():
        found |= _read_group(members, object_type, is_local_only=is_local_only)
    return found


def _read_group(requests: list[AgentActionRequest], object_type: str, *, is_local_only: bool) -> dict[UUID, RecordNow]:
    ids = list(dict.fromkeys(place_of(request)[1] for request in requests))
    records = read_values(
        requests[0].connection, object_type, ids, _fields(requests, object_type), is_local_only=is_local_only
    )
    if records is None:
        return {request.pk: RecordNow() for request in requests}
    return {request.pk: record_now(records.get(place_of(request)[1])) for request in requests}


def _fields(requests: list[AgentActionRequest], object_type: str) -> list[str]:
    """Context, and what the requests change of this very record, as far as policy knows the fields."""
    known = fields_of(requests[0], object_type)
    changed = (item["field"] for request in requests if request.object_type == object_type for item in request.patch)
    return [name for name in dict.fromkeys((*CONTEXT_FIELDS, *changed)) if name in known]


def read_values(
    connection: Connection, object_type: str, ids: list[str], fields: list[str], *, is_local_only: bool
) -> dict[str, Record] | None:
    """Records by id in one call; None when the CRM could not be asked."""
    try:
        connector = get_connector(connection.pk, kind=connection.kind)
        if is_local_only and not connector.is_local:
            return None
        return connector.read_many(object_type=object_type, record_ids=ids, fields=fields)
    except ConnectorError as error:
        log.info("record could not be shown", connection=connection.name, object=object_type, code=error.code)
        return None


def record_now(record: Record | None) -> RecordNow:
    if record is None:
        return RecordNow(is_read=True)
    return RecordNow(is_read=True, exists=True, version=record.version, values=record.values)
