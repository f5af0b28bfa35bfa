"""HubSpot behind the port. See `crm_connectors.port.Connector` for what each method promises."""

import time
from collections.abc import Sequence
from datetime import datetime

from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.domain.record import ChangedPage, HistoryEntry, JsonValue, Operation, Page, Receipt, Record
from crm_connectors.hubspot import (
    addresses,
    finding,
    history,
    preparing,
    reading,
    schema,
    telling,
    writing,
    writing_many,
)
from crm_connectors.hubspot.calling import Portal
from crm_connectors.hubspot.settings import SECRETS, HubSpotSettings
from crm_connectors.port import AuthError, ConnectorError
from crm_connectors.wiring import ConnectorKind, Wiring
from governance.domain.schema import Schema

FRESH_SECONDS = 1.0
"""For so long a record that this very instance has read need not be read again before it is written."""


class HubSpotConnector:
    """One connection's portal. What an attempt reads right before its write is what the write is compared with."""

    is_local = False
    batch_size = reading.BATCH

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._seen: Record | None = None
        self._seen_at = 0.0

    def describe(self) -> Schema:
        """One call for each object, and one for the pipelines of deals and tickets."""
        return schema.describe(self._portal)

    def read(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> Record:
        asked_at = time.monotonic()
        self._seen = reading.read(self._portal, object_type, record_id, fields)
        self._seen_at = asked_at
        return self._seen

    def read_many(self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        return reading.read_many(self._portal, object_type, record_ids, fields)

    def search(
        self, *, object_type: str, filters: dict[str, JsonValue], fields: Sequence[str], limit: int, after: str
    ) -> Page:
        return reading.search(self._portal, object_type, filters=filters, fields=fields, limit=limit, after=after)

    def send(self, operation: Operation) -> Receipt:
        """Reads the record first, unless this instance has just done so and the operation names that version."""
        seen = self._seen if time.monotonic() - self._seen_at < FRESH_SECONDS else None
        self._seen = None
        return writing.send(self._portal, operation, seen)

    def send_many(self, operations: Sequence[Operation]) -> dict[str, Receipt | ConnectorError]:
        """A read and one write for a hundred updates of an object. See `crm_connectors.port.BatchSender`."""
        return writing_many.send_many(self._portal, operations)

    def find_operation(self, operation: Operation) -> Receipt | None:
        return finding.find_operation(self._portal, operation)

    def history(self, *, object_type: str, record_id: str, fields: Sequence[str]) -> tuple[HistoryEntry, ...]:
        return history.history(self._portal, object_type, record_id, fields)

    def last_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        return history.last_changes(self._portal, object_type, record_ids, fields)

    def own_writers(self) -> frozenset[str]:
        """By the app's id, if the settings name it. No call. See `crm_connectors.port.ChangeTeller`."""
        return telling.own_writers(self._portal)

    def list_changed(self, *, object_type: str, since: datetime, after: str, limit: int) -> ChangedPage:
        """One search, seldom two."""
        return telling.list_changed(self._portal, object_type, since=since, after=after, limit=limit)

    def list_changes(
        self, *, object_type: str, record_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, tuple[HistoryEntry, ...]]:
        return history.list_changes(self._portal, object_type, record_ids, fields)

    def guarantee(self, operation: Operation) -> Guarantee:
        """B for updates and archives. A for creates where the portal keeps our key unique; C where it does not, or
        cannot be asked."""
        if operation.verb != "create":
            return Guarantee.IDEMPOTENT_SET
        try:
            is_keyed = writing.is_keyed(self._portal, operation.object)
        except ConnectorError:
            return Guarantee.AT_MOST_ONCE
        return Guarantee.EXACTLY_ONCE if is_keyed else Guarantee.AT_MOST_ONCE

    def read_addresses(self, contact_id: str) -> tuple[str, ...]:
        """Beyond the port: whom an opt-out speaks of. See `addresses.read_addresses`."""
        return addresses.read_addresses(self._portal, contact_id)

    def prepare(self) -> tuple[str, ...]:
        """Beyond the port: give the portal our two properties. See `preparing.prepare_portal`."""
        return preparing.prepare_portal(self._portal)

    def health(self) -> None:
        """One call, for the account itself. Raises AuthError for a token of another account than the one named."""
        found = str(self._portal.get("account", "details").get("portalId"))
        if self._portal.settings.portal_id not in ("", found):
            raise AuthError("the token of this connection belongs to another HubSpot account")


def _make(wiring: Wiring) -> HubSpotConnector:
    assert isinstance(wiring.settings, HubSpotSettings)  # noqa: S101 (the kind names its settings; for the type checker)
    return HubSpotConnector(Portal(wiring, wiring.settings))


KIND = ConnectorKind(kind="hubspot", label="HubSpot", settings=HubSpotSettings, make=_make, secrets=SECRETS)
