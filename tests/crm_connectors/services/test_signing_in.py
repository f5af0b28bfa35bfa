"""A token that is over is refreshed once for every thread and process, and shows in no log (IDN-05, SEC-01)."""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from crm_connectors.models import ConnectionEndpoint, ConnectionSecret
from crm_connectors.port import LimitedError
from crm_connectors.services import signing_in
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.secrets import ConnectionSecrets
from crm_connectors.services.signing_in import alone_signing_in
from governance.models import Connection
from tests.builders.crm_connectors import make_embedded_connection
from tests.doubles.hubspot_portal import serving_portal

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 6


@pytest.fixture
def served(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    with serving_portal() as served:
        yield served


@pytest.fixture
def connection_id(served):
    made = make_embedded_connection()
    Connection.objects.filter(pk=made).update(kind="hubspot")
    told = {"base_url": served.url, "sign_in": "oauth", "client_id": "simulator-client", "calls_per_10_seconds": 0}
    ConnectionEndpoint.objects.create(connection_id=made, settings=told)
    secrets = ConnectionSecrets(made)
    secrets.keep("client_secret", "simulator-secret")
    secrets.keep("refresh_token", "simulator-refresh")
    return made


def in_threads(deed) -> list[Any]:
    def run(_: int) -> Any:
        try:
            return deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))


def count_refreshes(served) -> int:
    return sum(path.endswith("/token") for _, path in served.asked)


def test_many_workers_that_meet_an_ended_token_refresh_it_once(served, connection_id, caplog):
    caplog.set_level(logging.DEBUG)
    in_threads(lambda: get_connector(connection_id).health())
    assert count_refreshes(served) == 1
    served.portal.clock.advance(1801)

    in_threads(lambda: get_connector(connection_id).health())

    assert count_refreshes(served) == 2
    token = ConnectionSecrets(connection_id).open("oauth_token").reveal()
    assert token not in caplog.text
    assert "simulator-refresh" not in caplog.text
    assert token not in ConnectionSecret.objects.get(name="oauth_token").sealed_value


def test_who_waits_too_long_for_anothers_sign_in_is_put_off(monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(signing_in, "WAIT_SECONDS", 0.2)
    one = uuid4()

    with alone_signing_in(one):
        met = in_threads(lambda: _try(one))
    assert met == ["connector_limited"] * WORKERS
    assert _try(one) == "let in"


def _try(one) -> str:
    try:
        with alone_signing_in(one):
            return "let in"
    except LimitedError as error:
        return error.code
