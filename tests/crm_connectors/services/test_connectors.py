"""From a connection to its hands (CON-06)."""

import pytest

from audit.domain.identifier import new_id
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.selectors.endpoint import get_endpoint_settings
from crm_connectors.services.connectors import (
    UnknownConnectionError,
    UnknownKindError,
    get_connector,
)
from governance.models import Connection
from tests.builders.crm_connectors import make_embedded_connection, make_operation, make_record
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, serve_through

pytestmark = pytest.mark.django_db


def test_an_unknown_kind_is_a_typed_error() -> None:
    connection_id = make_embedded_connection()
    Connection.objects.filter(pk=connection_id).update(kind="abacus")

    with pytest.raises(UnknownKindError, match="abacus"):
        get_connector(connection_id)


def test_an_unknown_connection_is_a_typed_error() -> None:
    with pytest.raises(UnknownConnectionError):
        get_connector(new_id())


def test_a_double_takes_the_place_of_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    connection_id, board = make_embedded_connection(), FaultySwitchboard()
    serve_through(monkeypatch, board.wrap)
    board.plan("send", Fault.IGNORE_FIELD)
    record_id = make_record(connection_id)

    get_connector(connection_id).send(make_operation(record_id, values={"industry": "Software"}))

    read = get_connector(connection_id).read(object_type="companies", record_id=record_id, fields=["industry"])
    assert read.values == {"industry": None}


def test_an_endpoints_settings_are_read_and_absent_ones_are_empty() -> None:
    connection_id = make_embedded_connection()
    assert get_endpoint_settings(connection_id) == {}

    ConnectionEndpoint.objects.create(connection_id=connection_id, settings={"base_url": "https://crm.example"})

    assert get_endpoint_settings(connection_id) == {"base_url": "https://crm.example"}
