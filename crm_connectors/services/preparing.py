"""Giving a CRM what the guarantees of its connector stand on."""

from uuid import UUID

from crm_connectors.hubspot.connector import HubSpotConnector
from crm_connectors.services.connectors import get_connector


class NothingToPrepareError(ValueError):
    """This kind of CRM needs nothing of ours."""

    code = "nothing_to_prepare"


def prepare_crm(*, connection_id: UUID) -> tuple[str, ...]:
    """Make the properties that are missing; returns their names. The registry learns of them by `sync_schema`.

    Never inside a transaction. Raises NothingToPrepareError, ConnectorError.
    """
    connector = get_connector(connection_id)
    if not isinstance(connector, HubSpotConnector):
        raise NothingToPrepareError("only HubSpot needs properties of ours")
    return connector.prepare()
