"""Signing in by secret and by signed assertion, once for all processes; refusals are told without secrets (CON-02)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwcrypto import jwk
from urllib3 import HTTPHeaderDict

from crm_connectors.adapters.http_client import Answer
from crm_connectors.port import (
    AmbiguousError,
    AuthError,
    Connector,
    ConnectorError,
    LimitedError,
    NotFoundError,
    TransientError,
)
from crm_connectors.salesforce.session import _raise_for_token
from crm_connectors.simulators.faults import Fault
from crm_connectors.simulators.salesforce.seed import RUN_AS
from tests.builders.crm_connectors import make_operation
from tests.builders.salesforce import (
    CLIENT_ID,
    CLIENT_SECRET,
    KeptSecrets,
    SalesforceServer,
    connect,
    running_salesforce,
)


def test_a_session_is_asked_for_once_and_kept(server: SalesforceServer) -> None:
    secrets = KeptSecrets(client_secret=CLIENT_SECRET)
    issued = server.simulator.tokens.issued
    for _ in range(3):
        connect(server, secrets=secrets).health()
    assert server.simulator.tokens.issued == issued + 1


def test_a_session_that_another_process_renewed_is_taken(server: SalesforceServer) -> None:
    secrets = KeptSecrets(client_secret=CLIENT_SECRET)
    first = connect(server, secrets=secrets)
    first.health()
    server.simulator.tokens.end_sessions()
    connect(server, secrets=secrets).health()
    issued = server.simulator.tokens.issued
    first.health()
    assert server.simulator.tokens.issued == issued


def test_another_orgs_session_is_none_of_ours(server: SalesforceServer) -> None:
    """Who points a connection at another org must not go on writing to the first."""
    with running_salesforce() as other:
        elsewhere = other.make(Name="Elsewhere")
        secrets = KeptSecrets(client_secret=CLIENT_SECRET)
        connect(other, secrets=secrets).health()
        with pytest.raises(NotFoundError):
            connect(server, secrets=secrets).read(object_type="Account", record_id=elsewhere, fields=["Name"])


def test_data_calls_go_where_the_session_says(server: SalesforceServer) -> None:
    with running_salesforce() as instance:
        server.simulator.tokens.instance_url = instance.url
        try:
            with pytest.raises(AuthError):  # it is another org here, which does not know the session
                connect(server).health()
        finally:
            server.simulator.tokens.instance_url = ""
        assert instance.simulator.tokens.issued == 0


@pytest.mark.parametrize("is_write", [True, False])
def test_an_org_that_moved_is_looked_for_anew(server: SalesforceServer, is_write: bool) -> None:
    """EXE-03: a redirect is followed nowhere, refuses nothing for good, and ends the session of the old host, for the
    other processes too."""
    record_id = server.make(Industry="Software")
    secrets = KeptSecrets(client_secret=CLIENT_SECRET)
    connector = connect(server, secrets=secrets)
    connector.describe()
    issued = server.simulator.tokens.issued
    server.org.faults.plan(Fault.MOVED, method="PATCH" if is_write else "GET")
    operation = make_operation(record_id, "update", "Account", values={"Industry": "Chemicals"})
    with pytest.raises(AmbiguousError if is_write else TransientError):
        connector.send(operation) if is_write else connector.health()
    assert server.applied() == []

    connect(server, secrets=secrets).health()
    assert server.simulator.tokens.issued == issued + 1
    connector.health()
    assert server.simulator.tokens.issued == issued + 1


def test_signs_in_by_assertion(server: SalesforceServer) -> None:
    key, other = jwk.JWK.generate(kty="RSA", size=2048), jwk.JWK.generate(kty="RSA", size=2048)
    apps = server.simulator.tokens.apps
    apps[CLIENT_ID] = replace(apps[CLIENT_ID], certificate=key.export_to_pem().decode())

    def sign_in(private: str, **settings: Any) -> Connector:
        return connect(
            server, secrets=KeptSecrets(private_key=private), grant="jwt_bearer", username=RUN_AS, **settings
        )

    pem = key.export_to_pem(private_key=True, password=None).decode()
    sign_in(pem).health()
    wrong = other.export_to_pem(private_key=True, password=None).decode()
    for connector in (sign_in(wrong), *map(sign_in, (key.export_to_pem().decode(), *keys_of_other_kinds()))):
        with pytest.raises(AuthError) as caught:
            connector.health()
        assert "PRIVATE KEY" not in str(caught.value)
        assert caught.value.__cause__ is None, "what a library says of a key goes no further"


def keys_of_other_kinds() -> Iterator[str]:
    """What people paste instead of an RSA key."""
    yield "no key at all"
    yield "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"
    yield jwk.JWK.generate(kty="EC", crv="P-256").export_to_pem(private_key=True, password=None).decode()
    yield jwk.JWK.generate(kty="RSA", size=2048).export_to_pem(private_key=True, password=b"x").decode()
    for key in (X25519PrivateKey.generate(), dsa.generate_private_key(1024)):  # noqa: S505 - it is to be refused
        yield key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("secrets", [{"client_secret": "canary-guess"}, {}])
def test_a_refused_secret_is_told_without_it(server: SalesforceServer, secrets: dict[str, str]) -> None:
    with pytest.raises(AuthError) as caught:
        connect(server, secrets=KeptSecrets(**secrets)).health()
    assert "canary" not in str(caught.value)


def test_an_endpoint_that_cannot_sign_us_in_now(server: SalesforceServer) -> None:
    for fault in (Fault.ERROR_BEFORE, Fault.DROP_BEFORE, Fault.GATEWAY_BEFORE):
        server.org.faults.plan(fault, path_part="/oauth2/token")
        with pytest.raises(TransientError):
            connect(server).health()
    with pytest.raises(LimitedError):
        _raise_for_token(Answer(429, HTTPHeaderDict(), b""), is_write=False)
    server.org.faults.plan(Fault.MOVED, path_part="/oauth2/token")
    with pytest.raises(TransientError):  # no word about our credential: it must not pause the connection
        connect(server).health()


def test_a_retired_version_is_told(server: SalesforceServer) -> None:
    with pytest.raises(ConnectorError):
        connect(server, api_version="25.0").health()
