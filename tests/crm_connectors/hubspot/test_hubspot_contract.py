"""HubSpot keeps the contract of connectors (CON-01, CON-06), in its old version and both dated ones."""

from tests.crm_connectors.contract import ConnectorContract


class TestHubSpot(ConnectorContract):
    """The portal has Countersign's two properties, as the guide asks."""
