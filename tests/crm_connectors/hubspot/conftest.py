"""A portal served once a module, emptied for each test, and connectors to it without any of our tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from crm_connectors.domain.record import Operation
from crm_connectors.hubspot.connector import KIND
from crm_connectors.hubspot.settings import HubSpotSettings
from crm_connectors.port import Connector
from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN
from crm_connectors.wiring import OpenGate, Wiring
from tests.doubles.hubspot_portal import ServedPortal, serving_portal
from tests.doubles.kept_secrets import KeptSecrets

INDUSTRIES = ("Chemicals", "Retail", "Software")


@dataclass
class HubSpotCrm:
    """The CRM of the contract: companies whose industries the portal's admin has named."""

    served: ServedPortal
    version: str
    connection_id: UUID = field(default_factory=uuid4)
    object_type: str = "companies"

    def connect(self, secrets: KeptSecrets | None = None, **settings: Any) -> Connector:
        told = HubSpotSettings(base_url=self.served.url, **{"version": self.version, **settings})
        secrets = secrets or KeptSecrets(access_token=PRIVATE_TOKEN)
        return KIND.make(Wiring(connection_id=self.connection_id, settings=told, secrets=secrets, gate=OpenGate()))

    def make(self, **values: Any) -> str:
        return self.served.add(self.object_type, **values)

    def edit_as_human(self, record_id: str, **values: Any) -> None:
        self.served.edit(self.object_type, record_id, **values)

    def writer_of(self, operation: Operation) -> str:
        return operation.actor  # our mark says who asked


@pytest.fixture(scope="module")
def served() -> Iterator[ServedPortal]:
    with serving_portal() as served:
        companies = served.portal.definitions["companies"]
        options = tuple((name, name) for name in INDUSTRIES)
        companies["industry"] = replace(companies["industry"], options=options)
        yield served


@pytest.fixture(params=["v3", "2026-03", "2026-09"])
def crm(request: pytest.FixtureRequest, served: ServedPortal, settings: Any) -> HubSpotCrm:
    served.portal.clear()
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    return HubSpotCrm(served, request.param)
