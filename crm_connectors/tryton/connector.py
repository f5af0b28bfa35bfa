"""Tryton behind the port. An instance costs nothing; see `crm_connectors.port.Connector` for what is promised."""

from collections.abc import Sequence
from datetime import datetime

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import ChangedPage, HistoryEntry, JsonValue, Operation, Page, Receipt, Record
from crm_connectors.port import AmbiguousError, NotFoundError, RejectedError
from crm_connectors.tryton.changes import list_last_changes
from crm_connectors.tryton.describing import ObjectInfo, describe_object
from crm_connectors.tryton.reading import list_changed, read_row, read_rows, search_rows, to_record
from crm_connectors.tryton.rpc import Tryton
from crm_connectors.tryton.settings import SECRETS, TrytonSettings
from crm_connectors.tryton.writing import create, find_archived, find_update, write
from crm_connectors.wiring import ConnectorKind, Wiring
from governance.domain.schema import Schema


class TrytonConnector:
    """One database, as its user may see it. A model is described once for each instance."""

    is_local = False

    def __init__(self, settings: TrytonSettings, tryton: Tryton) -> None:
        self._login = settings.login
        self._names = settings.object_names()
        self._tryton = tryton
        self._known: dict[str, ObjectInfo] = {}

    def describe(self) -> Schema:
        """One call for each object, and one for each of its selections that the server makes up."""
        return Schema(tuple(self._info(name).schema() for name in self._names))

    def read(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
        """One call, with the description before the first."""
        info = self._info(object_type, fields)
        return to_record(info, read_row(self._tryton, info, record_id, fields), fields)

    def read_many(self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        """One call for each 500 ids."""
        return read_rows(self._tryton, self._info(object_type, fields), record_ids, fields)

    def search(
        self, *, object_type: str, filters: dict[str, JsonValue], fields: Sequence[str], limit: int, after: str
    ) -> Page:
        """One call. Archived records are left out."""
        info = self._info(object_type, [*filters, *fields])
        return search_rows(self._tryton, info, filters, fields, limit=limit, after=after)

    def send(self, operation: Operation) -> Receipt:
        """Apply one write on the stamp of the record as it was just read; a create without any condition."""
        info = self._info(operation.object)
        if operation.verb == "create":
            return create(self._tryton, info, operation)
        return write(self._tryton, info, operation)

    def find_operation(self, operation: Operation) -> Receipt | None:
        """By read-back for an update and an archive. Raises AmbiguousError for a create: nothing tells whose it is."""
        match operation.verb:
            case "create":
                raise AmbiguousError("this CRM keeps no key of ours: nobody can tell whether it was created")
            case "archive":
                return find_archived(self._tryton, self._info(operation.object), operation)
            case _:
                return find_update(self._tryton, self._info(operation.object), operation)

    def history(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
        """The newest change of each of these fields: Tryton's log keeps no values, so that earlier ones cannot be
        told; `before` is None. Three calls."""
        changes = self.last_changes(object_type=object_type, record_ids=[record_id], fields=fields)
        return tuple(sorted(changes.get(record_id, ()), key=lambda entry: entry.at, reverse=True))

    def last_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        """One call for each record, and one for their values."""
        info = self._info(object_type, fields)
        records = read_rows(self._tryton, info, record_ids, fields)
        current = {record_id: record.values for record_id, record in records.items()}
        return list_last_changes(self._tryton, info, record_ids, fields, current)

    def own_writers(self) -> frozenset[str]:
        """Our login. No call. See `crm_connectors.port.ChangeTeller`."""
        return frozenset({self._login})

    def list_changed(self, *, object_type: str, since: datetime, after: str, limit: int) -> ChangedPage:
        """One call."""
        return list_changed(self._tryton, self._info(object_type), since=since, after=after, limit=limit)

    def list_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        """The newest change of each field: this CRM tells of no earlier ones."""
        return self.last_changes(object_type=object_type, record_ids=record_ids, fields=fields)

    def guarantee(self, operation: Operation) -> Guarantee:
        """A for an update on a version: the CRM refuses a stale stamp, and a repeat is known by the one it left. B for
        any other update and an archive. C for a create."""
        if operation.verb == "create":
            return Guarantee.AT_MOST_ONCE
        if operation.verb == "update" and operation.version:
            return Guarantee.EXACTLY_ONCE
        return Guarantee.IDEMPOTENT_SET

    def health(self) -> None:
        """That we are let in, and that each object of the settings is there. A call or more for each."""
        for name in self._names:
            self._info(name)

    def _info(self, object_type: str, fields: Sequence[str] = ()) -> ObjectInfo:
        """Raises NotFoundError for what the settings do not name, and for a field that is not there."""
        if object_type not in self._names:
            raise NotFoundError(f"there is no object `{object_type}`, or not for us")
        if object_type not in self._known:
            self._known[object_type] = describe_object(self._tryton, object_type)
        info = self._known[object_type]
        info.ensure_fields(fields)
        return info


def _make(wiring: Wiring) -> TrytonConnector:
    settings = wiring.settings
    if not isinstance(settings, TrytonSettings):
        raise RejectedError("these are no settings of a Tryton server")
    return TrytonConnector(settings, Tryton(settings, wiring))


KIND = ConnectorKind(kind="tryton", label="Tryton", settings=TrytonSettings, secrets=SECRETS, make=_make)
