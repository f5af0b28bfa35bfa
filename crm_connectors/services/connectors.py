"""From a connection to its hands: one explicit registry of connector kinds."""

from uuid import UUID

import msgspec

from crm_connectors.domain.endpoint_settings import EndpointSettings, RemoteSettings
from crm_connectors.embedded.connector import KIND as EMBEDDED
from crm_connectors.hubspot.connector import KIND as HUBSPOT
from crm_connectors.port import Connector, ConnectorError
from crm_connectors.salesforce.connector import KIND as SALESFORCE
from crm_connectors.selectors.endpoint import get_endpoint_settings
from crm_connectors.services.gate import ConnectionRowGate
from crm_connectors.services.secrets import ConnectionSecrets
from crm_connectors.services.stops import RowStops
from crm_connectors.tryton.connector import KIND as TRYTON
from crm_connectors.wiring import ConnectorKind, Gate, OpenGate, RecordAtHand, Wiring
from governance.models import Connection

CONNECTOR_KINDS: dict[str, ConnectorKind] = {kind.kind: kind for kind in (EMBEDDED, HUBSPOT, SALESFORCE, TRYTON)}
"""What `Connection.kind` may name. A new connector is a folder and one name here; tests add doubles to it."""


class UnknownConnectionError(ConnectorError):
    """No such connection."""

    code = "connection_unknown"


class UnknownKindError(ConnectorError):
    """No connector serves connections of this kind."""

    code = "connector_kind_unknown"


class UnconfiguredError(ConnectorError):
    """The connection's endpoint lacks settings, or has wrong ones; nothing was sent."""

    code = "connection_unconfigured"


def get_connector(
    connection_id: UUID, *, kind: str = "", at_hand: RecordAtHand | None = None, is_test: bool = False
) -> Connector:
    """The connector of a connection. One query for a CRM elsewhere, for its settings; one for a `kind` not given.

    `at_hand` is a record of our own tables that the caller has just read; its connector does not read it again.
    `is_test`: a person tries it, whatever the breaker says. Nobody asks here whether the connection is active: that
    is a fact for the policy engine. Raises UnknownConnectionError, UnknownKindError, UnconfiguredError.
    """
    found = get_kind(kind or _read_kind(connection_id))
    is_remote = issubclass(found.settings, RemoteSettings)
    settings = read_settings(found, get_endpoint_settings(connection_id) if is_remote else {})
    return found.make(
        Wiring(
            connection_id=connection_id,
            settings=settings,
            secrets=ConnectionSecrets(connection_id),
            gate=OpenGate() if is_test else _gate(connection_id, settings),
            at_hand=at_hand,
            stops=RowStops(connection_id),
        )
    )


def get_kind(kind: str) -> ConnectorKind:
    """Raises UnknownKindError."""
    if kind not in CONNECTOR_KINDS:
        raise UnknownKindError(f"no connector serves connections of kind `{kind}`")
    return CONNECTOR_KINDS[kind]


def read_settings(kind: ConnectorKind, stored: dict[str, object]) -> EndpointSettings:
    """The endpoint's settings in their kind's own shape. Raises UnconfiguredError, which names the member."""
    try:
        return msgspec.convert(stored, kind.settings)
    except msgspec.ValidationError as error:
        raise UnconfiguredError(f"the settings of this connection do not fit: {error}") from error


def _gate(connection_id: UUID, settings: EndpointSettings) -> Gate:
    if not isinstance(settings, RemoteSettings):
        return OpenGate()
    return ConnectionRowGate(
        connection_id, calls_per_10_seconds=settings.calls_per_10_seconds, call_seconds=settings.total_seconds
    )


def _read_kind(connection_id: UUID) -> str:
    kind = Connection.objects.filter(pk=connection_id).values_list("kind", flat=True).first()
    if kind is None:
        raise UnknownConnectionError(f"there is no connection `{connection_id}`")
    return kind
