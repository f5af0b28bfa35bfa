"""Salesforce keeps the contract of connectors (CON-02, CON-06), with a field for our keys."""

from typing import Any
from uuid import uuid4

import pytest

from crm_connectors.domain.record import Operation
from crm_connectors.port import Connector
from crm_connectors.simulators.salesforce.seed import RUN_AS
from tests.builders.salesforce import SalesforceServer, connect
from tests.crm_connectors.contract import ConnectorContract


class SalesforceCrm:
    object_type = "Account"

    def __init__(self, server: SalesforceServer, **settings: Any) -> None:
        self._server = server
        self._settings = settings
        self._connection_id = uuid4()

    def connect(self) -> Connector:
        return connect(self._server, connection_id=self._connection_id, **self._settings)

    def make(self, **values: Any) -> str:
        return self._server.make("Account", **values)

    def edit_as_human(self, record_id: str, **values: Any) -> None:
        self._server.edit(record_id, **values)

    def writer_of(self, operation: Operation) -> str:
        assert operation.object == self.object_type
        return self._server.org.users[RUN_AS].id


class TestSalesforce(ConnectorContract):
    @pytest.fixture
    def crm(self, server: SalesforceServer) -> SalesforceCrm:
        return SalesforceCrm(server)
