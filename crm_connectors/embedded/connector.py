"""The embedded CRM behind the port. An instance is a connection id: making one costs nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError

from audit.selectors.clock import get_now
from crm_connectors.domain.endpoint_settings import EndpointSettings
from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import ChangedPage, HistoryEntry, JsonValue, Operation, Page, Receipt, Record
from crm_connectors.embedded.mailing import find_email
from crm_connectors.embedded.operations import find_applied
from crm_connectors.embedded.providers import carry_out, carry_out_together, is_email
from crm_connectors.models import CrmObject
from crm_connectors.port import ConnectorError, NotFoundError, TransientError
from crm_connectors.selectors import embedded_records
from crm_connectors.selectors.embedded_read import get_record
from crm_connectors.selectors.embedded_schema import get_schema
from crm_connectors.wiring import ConnectorKind, RecordAtHand, Wiring
from governance.domain.schema import Schema

BATCH = 100
"""Writes in one transaction."""


class EmbeddedConnector:
    """One connection's embedded CRM. See `crm_connectors.port.Connector` for what each method promises.

    `at_hand` is a record that the caller's own statement has just read along: `read` does not ask for it again.
    """

    is_local = True
    batch_size = BATCH

    def __init__(self, connection_id: UUID, at_hand: RecordAtHand | None = None) -> None:
        self._connection_id = connection_id
        self._at_hand = at_hand

    def describe(self) -> Schema:
        """Objects and fields as they are now. One query."""
        return get_schema(self._connection_id)

    def read(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
        """One record. One query, none for the one at hand. Raises NotFoundError, for an unknown field too."""
        if self._at_hand is not None and self._at_hand.is_named(object_type, record_id):
            return self._at_hand.pick(fields)
        return get_record(self._connection_id, object_type, record_id, fields)

    def read_many(self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        """Records by id. One query, or two, for any number of ids. Raises NotFoundError for an unknown object or
        field."""
        return embedded_records.get_records(self._connection_id, object_type, record_ids, fields)

    def search(
        self, *, object_type: str, filters: dict[str, JsonValue], fields: Sequence[str], limit: int, after: str
    ) -> Page:
        """One page by id. Two queries. Raises NotFoundError for an unknown object, field or cursor."""
        return embedded_records.search_records(
            self._connection_id, object_type, filters, fields, limit=limit, after=after
        )

    def send(self, operation: Operation) -> Receipt:
        """Apply one write, once, in a transaction of its own; refuses to run inside another (RuntimeError).

        Raises ConflictError, RejectedError, NotFoundError, TransientError, AmbiguousError."""
        return carry_out(self._connection_id, operation, now=get_now())

    def send_many(self, operations: Sequence[Operation]) -> dict[str, Receipt | ConnectorError]:
        """Apply several writes in one transaction of its own; see `crm_connectors.port.BatchSender`."""
        return carry_out_together(self._connection_id, operations, now=get_now())

    def find_operation(self, operation: Operation) -> Receipt | None:
        """Whether its key was applied: always known here. Raises RejectedError for a key of another operation."""
        if is_email(operation):
            return find_email(self._connection_id, operation, now=get_now())
        return find_applied(self._connection_id, operation)

    def history(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
        """Every change of these fields since the record was made, newest first. Two queries. Raises NotFoundError."""
        return embedded_records.list_history(self._connection_id, object_type, record_id, fields)

    def last_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        """The newest change of each field. One query for any number of ids, none for those of the record at hand."""
        stored = self._at_hand
        if stored is not None and stored.followed.issuperset(fields):
            record_id, *others = record_ids or ("",)
            if not others and stored.is_named(object_type, record_id):
                return {record_id: stored.pick_newest(fields)}
        return embedded_records.list_last_changes(self._connection_id, object_type, record_ids, fields)

    def own_writers(self) -> frozenset[str]:
        """None: nobody writes here with a credential of ours, and what we write bears its operation's key."""
        return frozenset()

    def list_changed(self, *, object_type: str, since: datetime, after: str, limit: int) -> ChangedPage:
        """One query. See `crm_connectors.port.ChangeTeller`."""
        return embedded_records.list_changed(self._connection_id, object_type, since=since, after=after, limit=limit)

    def list_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        """Every change of these fields. One query."""
        return embedded_records.list_changes(self._connection_id, object_type, record_ids, fields)

    def guarantee(self, operation: Operation) -> Guarantee:
        """Class A: the operation's key is unique and committed with the write. Class C for an e-mail, which leaves."""
        return Guarantee.AT_MOST_ONCE if is_email(operation) else Guarantee.EXACTLY_ONCE

    def health(self) -> None:
        """Raises TransientError when the database does not answer, NotFoundError when no schema is installed."""
        try:
            is_installed = CrmObject.objects.filter(connection_id=self._connection_id).exists()
        except (OperationalError, InterfaceError) as error:
            raise TransientError("the database does not answer") from error
        if not is_installed:
            raise NotFoundError("this connection's embedded CRM has no objects")


def _make(wiring: Wiring) -> EmbeddedConnector:
    return EmbeddedConnector(wiring.connection_id, wiring.at_hand)


KIND = ConnectorKind(kind="embedded", label="Embedded CRM", settings=EndpointSettings, make=_make)
