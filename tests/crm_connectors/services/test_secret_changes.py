"""A credential that was only ever written is read by nobody, and nothing that it won outlives it (IDN-05, SEC-01)."""

import socket

import pytest

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from crm_connectors.models import ConnectionEndpoint, ConnectionSecret
from crm_connectors.services import secret_changes
from crm_connectors.services.connecting import change_settings, check_connection
from crm_connectors.services.connectors import CONNECTOR_KINDS
from crm_connectors.services.secret_changes import SecretRefusedError, forget_secret, set_secret
from crm_connectors.services.secrets import ConnectionSecrets, open_secret
from governance.models import Connection
from tests.builders.governance import allow, make_person, make_user, make_workspace
from tests.crm_connectors.adapters.servers import read_request, reply, serving
from tests.doubles.remote_kind import add_far_kind

pytestmark = pytest.mark.django_db
CANARY = "canary-5772156649"
ADDRESS = {"base_url": "https://crm.example"}
TRYTON = {**ADDRESS, "database": "crm", "login": "countersign"}
SALESFORCE = {**ADDRESS, "client_id": "app"}


@pytest.fixture(autouse=True)
def far(monkeypatch, settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    add_far_kind(monkeypatch)


@pytest.fixture
def keeper():
    return make_user(make_person("Kim Keeper"))


@pytest.fixture
def connect(keeper):
    """Makes a connection of a kind, with settings, one typed secret and one that the CRM handed out."""

    def make(kind="far", settings=ADDRESS, *, typed="access_token", kept="session"):
        workspace = make_workspace()
        allow(keeper, workspace, "manage_agents")
        made = Connection.objects.create(workspace=workspace, name="a-crm", kind=kind, environment="sandbox")
        ConnectionEndpoint.objects.create(connection=made, settings=settings)
        type_secret(made.pk, keeper, name=typed)
        ConnectionSecrets(made.pk).keep(kept, "handed-out")
        return made.pk

    return make


def type_secret(connection_id, user, value=CANARY, *, name="access_token"):
    set_secret(connection_id=connection_id, name=name, value=value, user_id=user.pk, now=get_now())


def change(connection_id, user, settings):
    kept = change_settings(connection_id=connection_id, settings=settings, user_id=user.pk, now=get_now())
    return kept.forgotten


def names():
    return sorted(ConnectionSecret.objects.values_list("name", flat=True))


def forgotten():
    kept = LedgerEvent.objects.filter(type="connection.secret_forgotten").order_by("at")
    return sorted(name for event in kept for name in _SECRETS if f'"secret":"{name}"'.encode() in bytes(event.body))


_SECRETS = ("access_token", "client_secret", "oauth_token", "password", "private_key", "refresh_token", "session")


def test_whoever_turns_a_connection_to_their_own_server_is_sent_no_secret(connect, keeper):
    """The attack: change the address, press Test, change it back."""
    connection_id, seen = connect(), []

    def listen(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(reply())

    with serving(listen) as evil:
        change(connection_id, keeper, {"base_url": evil.url})
        told = check_connection(connection_id=connection_id, user_id=keeper.pk)
    change(connection_id, keeper, ADDRESS)

    assert "not set" in told.words
    assert not [request for request in seen if CANARY.encode() in request]
    assert names() == []
    assert forgotten() == ["access_token", "session"]


@pytest.mark.parametrize(
    ("kind", "before", "after", "typed"),
    [
        ("far", ADDRESS, {"base_url": "https://crm.example:8443"}, "access_token"),
        ("far", ADDRESS, {"base_url": "https://crm.example/theirs"}, "access_token"),
        ("far", ADDRESS, {"base_url": "https://crm.example.evil"}, "access_token"),
        ("hubspot", {}, {"base_url": "https://api.evil.example"}, "access_token"),
        ("hubspot", {"client_id": "a"}, {"client_id": "b"}, "refresh_token"),
        ("salesforce", SALESFORCE, {**SALESFORCE, "base_url": "https://evil.example"}, "client_secret"),
        ("salesforce", SALESFORCE, {**SALESFORCE, "client_id": "another"}, "private_key"),
        ("salesforce", SALESFORCE, {**SALESFORCE, "username": "root@org"}, "private_key"),
        ("tryton", TRYTON, {**TRYTON, "base_url": "https://evil.example"}, "password"),
        ("tryton", TRYTON, {**TRYTON, "database": "another"}, "password"),
        ("tryton", TRYTON, {**TRYTON, "login": "admin"}, "password"),
        ("tryton", {}, TRYTON, "password"),
    ],
)
def test_secrets_are_forgotten_with_what_they_belong_to(connect, keeper, kind, before, after, typed):  # noqa: PLR0917 (a table)
    kept = next(secret.name for secret in CONNECTOR_KINDS[kind].secrets if secret.is_kept)
    connection_id = connect(kind, before, typed=typed, kept=kept)
    assert change(connection_id, keeper, after) == 2
    assert names() == []
    assert forgotten() == sorted([typed, kept])


@pytest.mark.parametrize(
    "after",
    [
        {"base_url": "https://CRM.example/"},
        {"base_url": "https://crm.example:443"},
        {**ADDRESS, "read_seconds": 7.5},
        {**ADDRESS, "version": "v1"},
    ],
)
def test_another_spelling_or_limit_costs_no_secret_but_a_new_session(connect, keeper, after):
    connection_id = connect()
    assert change(connection_id, keeper, after) == 0
    assert names() == ["access_token"]
    assert forgotten() == ["session"]


def test_settings_that_stay_cost_nothing(connect, keeper):
    assert change(connect(), keeper, ADDRESS) == 0
    assert names() == ["access_token", "session"]


def test_the_address_and_the_secrets_change_together_or_not_at_all(connect, keeper, monkeypatch):
    connection_id = connect()

    def fail(*_, **__):
        raise LedgerUnavailableError("down")

    monkeypatch.setattr(secret_changes, "append_event", fail)
    with pytest.raises(LedgerUnavailableError):
        change(connection_id, keeper, {"base_url": "https://evil.example"})
    assert ConnectionEndpoint.objects.get().settings == ADDRESS
    assert names() == ["access_token", "session"]


@pytest.mark.parametrize("name", ["access_token", "private_key"])
def test_a_new_secret_ends_what_an_earlier_one_won(connect, keeper, name):
    """Whichever is set: another refresh token, and the old portal is written no more."""
    connection_id = connect()
    type_secret(connection_id, keeper, "another", name=name)
    assert "session" not in names()
    assert forgotten() == ["session"]


def test_a_forgotten_secret_takes_along_what_it_won(connect, keeper):
    connection_id = connect()
    forget_secret(connection_id=connection_id, name="access_token", user_id=keeper.pk, now=get_now())
    assert names() == []
    assert forgotten() == ["access_token", "session"]


@pytest.mark.parametrize("deed", ["set", "forget"])
def test_a_sign_in_in_flight_leaves_what_a_person_just_did(connect, keeper, deed):
    connection_id = connect()
    secrets = ConnectionSecrets(connection_id)
    used = {"access_token": secrets.open("access_token")}
    if deed == "set":
        type_secret(connection_id, keeper, "typed-meanwhile")
    else:
        forget_secret(connection_id=connection_id, name="access_token", user_id=keeper.pk, now=get_now())

    secrets.keep("session", "won-by-the-earlier-one", won_by=used)
    secrets.keep("access_token", "rotated-from-the-earlier-one", won_by=used)

    assert names() == (["access_token"] if deed == "set" else [])
    if deed == "set":
        assert open_secret(connection_id=connection_id, name="access_token").reveal() == "typed-meanwhile"


def test_what_a_secret_won_is_kept_while_it_is_set_and_after_a_change_of_keys(connect, settings):
    connection_id = connect()
    secrets = ConnectionSecrets(connection_id)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    secrets.keep("session", "newer", won_by={"access_token": secrets.open("access_token")})
    assert secrets.open("session").reveal() == "newer"


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\t", "\0", "\x7f", "\u00e9", "\u200b", "\u2028"])
def test_a_secret_of_one_line_is_plain_ascii_and_its_refusal_does_not_repeat_it(connect, keeper, sign, caplog):
    connection_id = connect()
    with pytest.raises(SecretRefusedError) as refused:
        type_secret(connection_id, keeper, f"{CANARY}{sign}{CANARY}")
    assert CANARY not in str(refused.value) + caplog.text
    assert open_secret(connection_id=connection_id, name="access_token").reveal() == CANARY


def test_a_private_key_has_lines(connect, keeper):
    connection_id, key = connect(), "-----BEGIN KEY-----\nMIIB\n-----END KEY-----"
    type_secret(connection_id, keeper, key, name="private_key")
    assert open_secret(connection_id=connection_id, name="private_key").reveal() == key
