"""Salesforce behind the port. An instance costs nothing; see `crm_connectors.port.Connector` for what is promised."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import ChangedPage, HistoryEntry, JsonValue, Operation, Page, Receipt, Record
from crm_connectors.port import AloneError, ConnectorError, LimitedError, RejectedError
from crm_connectors.salesforce import reading
from crm_connectors.salesforce.answers import DAILY_WAIT_SECONDS
from crm_connectors.salesforce.changes import Changes
from crm_connectors.salesforce.describing import describe_object, get_object
from crm_connectors.salesforce.session import SalesforceSession
from crm_connectors.salesforce.settings import SECRETS, SalesforceSettings
from crm_connectors.salesforce.writing import now_utc
from crm_connectors.salesforce.writing_together import PARTS, TogetherWriter
from crm_connectors.wiring import ConnectorKind, Wiring
from governance.domain.schema import Schema


class SalesforceConnector:
    """One org, as its run-as user may see it. `clock` decides only whether a record is compared once more."""

    is_local = False
    batch_size = PARTS

    def __init__(
        self,
        connection_id: UUID,
        settings: SalesforceSettings,
        session: SalesforceSession,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._connection_id = connection_id
        self._settings = settings
        self._session = session
        self._clock = clock

    def describe(self) -> Schema:
        """One call for each object of the settings. Raises NotFoundError when one is not there for us."""
        names = self._settings.object_names()
        infos = (describe_object(self._session, self._connection_id, name) for name in names)
        return Schema(tuple(info.schema() for info in infos))

    def read(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
        """One call. Raises NotFoundError, for a field that is hidden from us too."""
        return reading.read_one(self._session, object_type, record_id, fields).record

    def read_many(self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        """One call for each 500 ids."""
        return reading.read_many(self._session, object_type, record_ids, fields)

    def search(
        self, *, object_type: str, filters: dict[str, JsonValue], fields: Sequence[str], limit: int, after: str
    ) -> Page:
        """One query; one describe, once in five minutes. Raises RejectedError for one that is too long."""
        info = get_object(self._session, self._connection_id, object_type)
        return reading.search(self._session, info, filters, fields, limit=limit, after=after)

    def send(self, operation: Operation) -> Receipt:
        """Apply one write, once. Two or three calls; one describe, once in five minutes."""
        writer = self._writer(operation.object)
        match operation.verb:
            case "update":
                return writer.update(operation)
            case "create":
                return writer.create(operation)
            case "archive":
                return writer.archive(operation)
            case _:
                raise RejectedError("this CRM updates, creates and archives")

    def send_many(self, operations: Sequence[Operation]) -> dict[str, Receipt | ConnectorError]:
        """See `crm_connectors.port.BatchSender`: changes of one object, 25 in a call. Deletions, new records and
        changes of a second object are to be sent alone."""
        first = next((one.object for one in operations if one.verb == "update"), "")
        together = [one for one in operations if one.verb == "update" and one.object == first][:PARTS]
        alone = AloneError("only changes of one object, 25 at most, go in one call")
        outcomes: dict[str, Receipt | ConnectorError] = {one.operation_key: alone for one in operations}
        return outcomes | self._update_many(first, together) if together else outcomes

    def find_operation(self, operation: Operation) -> Receipt | None:
        """By our key where the object has a field for it, else by read-back. Raises AmbiguousError when neither tells:
        a record that may have been made without a key, or one that holds neither the old values nor ours."""
        writer = self._writer(operation.object)
        match operation.verb:
            case "create":
                return writer.find_made(operation)
            case "archive":
                return writer.find_archived(operation)
            case _:
                return writer.find_change(operation)

    def history(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
        """Where the org tracks the field; what it was made with else. Two calls."""
        return Changes(self._session, object_type, self._key_field(object_type)).list_of(record_id, fields)

    def last_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        """The newest change, or the latest that it can be, of each field. Two calls for each 150 ids."""
        return Changes(self._session, object_type, self._key_field(object_type)).newest_of(record_ids, fields)

    def own_writers(self) -> frozenset[str]:
        """The run-as user, as the sign-in names it. At most one call. See `crm_connectors.port.ChangeTeller`."""
        user_id = self._session.user_id()
        return frozenset({user_id} if user_id else ())

    def list_changed(self, *, object_type: str, since: datetime, after: str, limit: int) -> ChangedPage:
        """One query."""
        return reading.list_changed(self._session, object_type, since=since, after=after, limit=limit)

    def list_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        """What the org tracks, and who changed each record last. Two calls for each 150 ids."""
        return Changes(self._session, object_type, self._key_field(object_type)).told_of(record_ids, fields)

    def guarantee(self, operation: Operation) -> Guarantee:
        """A for a change that names the version it saw (to the second: see `writing`) and for a record made with our
        key. B for a change without a version, and for a deletion, which takes no condition. C for a record made without
        a key. One describe, once in five minutes."""
        if operation.verb == "create":
            return Guarantee.EXACTLY_ONCE if self._key_field(operation.object) else Guarantee.AT_MOST_ONCE
        is_conditional = operation.verb == "update" and bool(operation.version)
        return Guarantee.EXACTLY_ONCE if is_conditional else Guarantee.IDEMPOTENT_SET

    def health(self) -> None:
        """One call. Raises LimitedError when no calls are left for today."""
        body = self._session.read_json("GET", "/limits")
        daily = body.get("DailyApiRequests") if isinstance(body, dict) else None
        if isinstance(daily, dict) and daily.get("Remaining") == 0:
            raise LimitedError("no calls are left for today", retry_after_seconds=DAILY_WAIT_SECONDS)

    def _update_many(self, object_type: str, changes: Sequence[Operation]) -> dict[str, Receipt | ConnectorError]:
        try:
            return self._writer(object_type).update_many(changes)
        except ConnectorError as error:  # the object could not be described: nothing was sent
            return {one.operation_key: error for one in changes}

    def _writer(self, object_type: str) -> TogetherWriter:
        info = get_object(self._session, self._connection_id, object_type)
        return TogetherWriter(self._session, info, self._key_field(object_type), self._clock())

    def _key_field(self, object_type: str) -> str:
        """The key field's name where this object has it, unique and writable for us; else empty."""
        info = get_object(self._session, self._connection_id, object_type)
        field = info.find(self._settings.key_field) if self._settings.key_field else None
        return field.name if field is not None and field.is_key and field.is_createable and field.is_updateable else ""


def _make(wiring: Wiring) -> SalesforceConnector:
    settings = cast("SalesforceSettings", wiring.settings)
    return SalesforceConnector(wiring.connection_id, settings, SalesforceSession(settings, wiring.secrets, wiring.gate))


KIND = ConnectorKind(kind="salesforce", label="Salesforce", settings=SalesforceSettings, make=_make, secrets=SECRETS)
