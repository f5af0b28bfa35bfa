"""The embedded CRM keeps the contract of connectors (CON-03, CON-06), plain and behind the faulty double."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from audit.selectors.clock import get_now
from crm_connectors.domain.record import Operation
from crm_connectors.port import Connector
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.embedded_edit import edit_record
from tests.builders.crm_connectors import make_embedded_connection, make_record
from tests.crm_connectors.contract import ConnectorContract
from tests.doubles.faulty_connector import FaultySwitchboard

pytestmark = pytest.mark.django_db


class EmbeddedCrm:
    object_type = "companies"

    def __init__(self, connection_id: UUID, wrap: Callable[[Connector], Connector]) -> None:
        self._connection_id = connection_id
        self._wrap = wrap

    def connect(self) -> Connector:
        return self._wrap(get_connector(self._connection_id))

    def make(self, **values: Any) -> str:
        return make_record(self._connection_id, self.object_type, **values)

    def edit_as_human(self, record_id: str, **values: Any) -> None:
        edit_record(
            connection_id=self._connection_id,
            object_type=self.object_type,
            record_id=record_id,
            values=values,
            actor="human:maya",
            now=get_now(),
        )

    def writer_of(self, operation: Operation) -> str:
        return operation.actor


class TestEmbedded(ConnectorContract):
    @pytest.fixture
    def crm(self) -> EmbeddedCrm:
        return EmbeddedCrm(make_embedded_connection(), lambda connector: connector)


class TestEmbeddedBehindTheFaultyDouble(ConnectorContract):
    """Without a plan, the double is invisible."""

    @pytest.fixture
    def crm(self) -> EmbeddedCrm:
        return EmbeddedCrm(make_embedded_connection(), FaultySwitchboard().wrap)
