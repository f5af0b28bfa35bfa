"""Governed reads: an agent sees granted fields of granted objects, masked where sensitive, and each read is recorded.

RDG-01. The order is: may it, read the CRM, record the read, hand over. What cannot be recorded is not handed over
(AUD-08). A refusal by policy is recorded too; a question that makes no sense is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from approvals.domain.reading import (
    InvalidCursorError,
    ReadFacts,
    ReadRefusedError,
    ReadScope,
    RecordMissingError,
    RecordsUnavailableError,
    mask_record,
    read_scope,
)
from approvals.domain.record_query import RecordQuery
from approvals.selectors.read_facts import get_read_facts
from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from crm_connectors.domain.record import JsonValue, Record
from crm_connectors.port import ConnectorError, NotFoundError
from crm_connectors.services.connectors import get_connector
from governance.domain.principal import Principal
from governance.domain.record_id import one_record_id
from governance.domain.vocabulary import Action, ActorType


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """One record as the agent may see it. `masked` names the fields whose values are hidden."""

    object: str
    id: str
    version: str
    values: dict[str, JsonValue]
    masked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadPage:
    """`after` is the cursor of the next page, empty on the last one."""

    records: tuple[ReadRecord, ...]
    after: str


def read_record(
    *,
    principal: Principal,
    connection: str,
    object_type: str,
    record_id: str,
    fields: Sequence[str] | None,
    correlation_id: str,
    now: datetime,
) -> ReadRecord:
    """One record with these fields, or with all that are granted (None). Commits one ledger event.

    Raises ReadError subclasses; then nothing was read, and only a refusal was recorded.
    """
    caller = _Caller(principal, correlation_id, now)
    facts = get_read_facts(principal=principal, connection=connection, object_type=object_type, action=Action.READ)
    scope = _judged(caller, facts, fields, ())
    connector = get_connector(scope.connection_id, kind=scope.connection_kind)
    named = one_record_id(scope.connection_kind, record_id)
    try:
        record = connector.read(object_type=object_type, record_id=named, fields=scope.fields)
    except NotFoundError as error:
        raise RecordMissingError("no such record") from error
    except ConnectorError as error:
        raise RecordsUnavailableError(f"the CRM could not be read: `{error.code}`") from error
    caller.record("record.read", scope.connection_name, scope.event_data() | {"record_ids": [record.id]})
    return _shown(record, scope)


def search_records(
    *,
    principal: Principal,
    connection: str,
    object_type: str,
    query: RecordQuery,
    correlation_id: str,
    now: datetime,
) -> ReadPage:
    """Records whose fields equal the filters, by id. Filters need the same grant as what they let one see.

    Commits one ledger event with the ids handed over. Raises ReadError subclasses.
    """
    caller = _Caller(principal, correlation_id, now)
    facts = get_read_facts(principal=principal, connection=connection, object_type=object_type, action=Action.SEARCH)
    scope = _judged(caller, facts, query.fields, tuple(query.filters))
    connector = get_connector(scope.connection_id, kind=scope.connection_kind)
    try:
        page = connector.search(
            object_type=object_type, filters=query.filters, fields=scope.fields, limit=query.limit, after=query.after
        )
    except NotFoundError as error:
        if query.after:  # the registry knows object and fields, so it is the cursor that names nothing
            raise InvalidCursorError("the cursor is none of ours") from error
        raise RecordsUnavailableError("the CRM no longer knows the object or a field") from error
    except ConnectorError as error:
        raise RecordsUnavailableError(f"the CRM could not be searched: `{error.code}`") from error
    found = {"filtered_by": sorted(query.filters), "record_ids": [record.id for record in page.records]}
    values = {"filters": query.filters} if query.filters else {}
    caller.record("record.read", scope.connection_name, scope.event_data() | found, values)
    return ReadPage(tuple(_shown(record, scope) for record in page.records), page.after)


@dataclass(frozen=True, slots=True)
class _Caller:
    """Who reads, under which correlation id, when."""

    principal: Principal
    correlation_id: str
    now: datetime

    def record(
        self, event_type: str, connection: str, data: dict[str, Any], values: dict[str, JsonValue] | None = None
    ) -> None:
        """Append one event in a transaction of its own: a read changes nothing else."""
        event = NewEvent(
            type=event_type,
            workspace=self.principal.workspace_slug,
            actor=Actor(ActorType.AGENT, self.principal.agent_name),
            subject=Subject("connection", connection),
            correlation_id=self.correlation_id,
            data=data | {"credential": self.principal.credential_id},
            values=values or {},
        )
        with transaction.atomic():
            append_event(event, now=self.now)


def _judged(caller: _Caller, facts: ReadFacts, fields: Sequence[str] | None, filtered_by: tuple[str, ...]) -> ReadScope:
    """The scope of the read; a refusal is recorded before it rises."""
    try:
        return read_scope(facts, fields=fields, filtered_by=filtered_by)
    except ReadRefusedError as error:
        data = {"object": facts.object, "action": facts.action, "code": error.code}
        caller.record("record.read_refused", facts.connection_name, data)
        raise


def _shown(record: Record, scope: ReadScope) -> ReadRecord:
    values, masked = mask_record(record.values, scope)
    return ReadRecord(record.object, record.id, record.version, values, masked)
