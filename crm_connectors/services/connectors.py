"""From a connection to its hands: one explicit registry of connector kinds."""

from collections.abc import Callable
from uuid import UUID

from crm_connectors.embedded.connector import EmbeddedConnector
from crm_connectors.port import Connector, ConnectorError
from crm_connectors.selectors.embedded_read import StoredRecord
from governance.models import Connection

CONNECTOR_KINDS: dict[str, Callable[[UUID, StoredRecord | None], Connector]] = {"embedded": EmbeddedConnector}
"""What `Connection.kind` may name. A new connector is a folder and one line here; tests add doubles to it."""


class UnknownConnectionError(ConnectorError):
    """No such connection."""

    code = "connection_unknown"


class UnknownKindError(ConnectorError):
    """No connector serves connections of this kind."""

    code = "connector_kind_unknown"


def get_connector(connection_id: UUID, *, kind: str = "", at_hand: StoredRecord | None = None) -> Connector:
    """The connector of a connection. One query, none when the caller knows the connection's `kind`.

    `at_hand` is a record of our own tables that the caller has just read; its connector does not read it again. Nobody
    asks here whether the connection is active: that is a fact for the policy engine.
    Raises UnknownConnectionError, UnknownKindError.
    """
    kind = kind or _read_kind(connection_id)
    make = CONNECTOR_KINDS.get(kind)
    if make is None:
        raise UnknownKindError(f"no connector serves connections of kind `{kind}`")
    return make(connection_id, at_hand)


def _read_kind(connection_id: UUID) -> str:
    kind = Connection.objects.filter(pk=connection_id).values_list("kind", flat=True).first()
    if kind is None:
        raise UnknownConnectionError(f"there is no connection `{connection_id}`")
    return kind
