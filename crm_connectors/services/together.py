"""A connector whose reads and writes of one call went out together: each attempt then asks it as it asks any other."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import HistoryEntry, JsonValue, Operation, Page, Receipt, Record
from crm_connectors.port import AmbiguousError, BatchSender, ConnectorError, NotFoundError
from governance.domain.schema import Schema

Wanted = tuple[str, str, frozenset[str]]
"""Object, record id and fields."""


class TogetherConnector:
    """Around a connector that takes several writes in one call. What was fetched ahead by `read_ahead` and `send_ahead`
    is answered from there, without a call; everything else is passed on."""

    def __init__(self, connector: BatchSender) -> None:
        self._connector = connector
        self._read: dict[tuple[str, str], Record | ConnectorError] = {}
        self._sent: dict[str, Receipt | ConnectorError] = {}
        self.is_local = connector.is_local

    def read_ahead(self, wanted: Iterable[Wanted]) -> None:
        """Read these records, one call for each object. What was read before is forgotten. Raises nothing: whoever
        asks for a record hears what its read met."""
        self._read = {}
        objects: defaultdict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        for object_type, record_id, fields in wanted:
            objects[object_type][record_id] = objects[object_type].get(record_id, frozenset()) | fields
        for object_type, records in objects.items():
            self._read |= self._read_object(object_type, records)

    def send_ahead(self, operations: Sequence[Operation]) -> None:
        """Send these writes in one call; requires at most `batch_size` of the connector's. A ConnectorError for all is
        told to each. What else it raises rises: the worker ends here, and what it had sent is looked up."""
        try:
            self._sent.update(self._connector.send_many(operations))
        except ConnectorError as error:
            self._sent.update({one.operation_key: error for one in operations})

    def describe(self) -> Schema:
        """Passed on."""
        return self._connector.describe()

    def read(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
        """From what was read ahead, with exactly these fields; passed on where it was not."""
        found = self._read.get((object_type, record_id))
        if found is None:
            return self._connector.read(object_type=object_type, record_id=record_id, fields=fields)
        if isinstance(found, ConnectorError):
            raise found
        return msgspec.structs.replace(found, values={name: found.values.get(name) for name in fields})

    def read_many(self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        """Passed on."""
        return self._connector.read_many(object_type=object_type, record_ids=record_ids, fields=fields)

    def search(
        self, *, object_type: str, filters: dict[str, JsonValue], fields: Sequence[str], limit: int, after: str
    ) -> Page:
        """Passed on."""
        return self._connector.search(object_type=object_type, filters=filters, fields=fields, limit=limit, after=after)

    def send(self, operation: Operation) -> Receipt:
        """What `send_ahead` met for it; never sent a second time. Raises AmbiguousError where nothing is known."""
        met = self._sent.get(operation.operation_key)
        if met is None:
            raise AmbiguousError("the CRM did not say what became of it")
        if isinstance(met, ConnectorError):
            raise met
        return met

    def find_operation(self, operation: Operation) -> Receipt | None:
        """Passed on."""
        return self._connector.find_operation(operation)

    def history(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
        """Passed on."""
        return self._connector.history(object_type=object_type, record_id=record_id, fields=fields)

    def last_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        """Passed on."""
        return self._connector.last_changes(object_type=object_type, record_ids=record_ids, fields=fields)

    def guarantee(self, operation: Operation) -> Guarantee:
        """Passed on."""
        return self._connector.guarantee(operation)

    def health(self) -> None:
        """Passed on."""
        self._connector.health()

    def _read_object(
        self, object_type: str, records: dict[str, frozenset[str]]
    ) -> dict[tuple[str, str], Record | ConnectorError]:
        fields = sorted(frozenset[str]().union(*records.values()))
        try:
            found = self._connector.read_many(object_type=object_type, record_ids=sorted(records), fields=fields)
        except NotFoundError:  # one of the fields is no more: it must keep none of the others back
            return {
                (object_type, record_id): self._read_one(object_type, record_id, asked)
                for record_id, asked in records.items()
            }
        except ConnectorError as error:
            return {(object_type, record_id): error for record_id in records}
        gone = NotFoundError(f"`{object_type}` has no such record")
        return {(object_type, record_id): found.get(record_id, gone) for record_id in records}

    def _read_one(self, object_type: str, record_id: str, fields: frozenset[str]) -> Record | ConnectorError:
        try:
            return self._connector.read(object_type=object_type, record_id=record_id, fields=sorted(fields))
        except ConnectorError as error:
            return error
