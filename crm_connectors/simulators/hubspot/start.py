"""A ready simulator: a portal with the demonstration's records, and an index that lags as HubSpot's does."""

from pathlib import Path

from crm_connectors.simulators.hubspot.app import HubSpotSimulator
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.saved import load_portal
from crm_connectors.simulators.hubspot.seed import fill_portal

INDEX_DELAY_SECONDS = 5.0


def make_hubspot(*, companies: int = 0, seed: int = 1, file: Path | None = None) -> HubSpotSimulator:
    """A portal with this many of the demonstration's companies, or with the records of `file` where there is one."""
    portal = Portal()
    if companies and not (file is not None and load_portal(portal, file)):
        fill_portal(portal, companies=companies, seed=seed)
    portal.index.delay_seconds = INDEX_DELAY_SECONDS
    return HubSpotSimulator(portal)
