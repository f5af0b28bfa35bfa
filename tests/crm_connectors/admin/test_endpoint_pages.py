"""A person connects a CRM at the console: address, limits, secrets, test, breaker (CON-06, IDN-05, F40)."""

import pytest
from django.db import connection as database
from django.urls import reverse
from msgspec import structs

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.admin.endpoint_form import make_settings_form
from crm_connectors.models import ConnectionEndpoint, ConnectionGate, ConnectionSecret
from crm_connectors.services.connectors import CONNECTOR_KINDS, get_connector
from crm_connectors.services.secrets import ConnectionSecrets, open_secret
from governance.models import Connection
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_workspace
from tests.crm_connectors.adapters.servers import answering, reply, serving
from tests.doubles.remote_kind import add_far_kind

pytestmark = pytest.mark.django_db
CANARY = "canary-1618033988749"
ADD = reverse("admin:crm_connectors_connectionendpoint_add")
LIST = reverse("admin:crm_connectors_connectionendpoint_changelist")
DEEDS = {
    "set_secret": ["access_token"],
    "forget_secret": ["access_token"],
    "test": [],
    "close_breaker": [],
}


@pytest.fixture(autouse=True)
def far(monkeypatch, settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    add_far_kind(monkeypatch)


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def client(workspace):
    return log_in(make_login(workspace, "manage_agents", name="Kim Keeper"))


@pytest.fixture
def connection_id(workspace):
    made = Connection.objects.create(workspace=workspace, name="far-sandbox", kind="far", environment="sandbox")
    ConnectionEndpoint.objects.create(connection=made, settings={"base_url": "https://crm.example"})
    return made.pk


def page(connection_id):
    return reverse("admin:crm_connectors_connectionendpoint_change", args=[connection_id])


def deed(name, connection_id):
    return reverse(f"admin:crm_connectors_endpoint_{name}", args=[connection_id, *DEEDS[name]])


def told(client, answer):
    return text_of(client.get(answer.url))


def settings_of(connection_id):
    return ConnectionEndpoint.objects.get(pk=connection_id).settings


def test_a_crm_is_connected_from_nothing(client, workspace):
    form = {"workspace": workspace.pk, "name": "far-sandbox", "kind": "far", "environment": "sandbox"}
    assert "embedded" not in text_of(client.get(ADD)).lower().split("<select")[-2]
    answer = client.post(ADD, form)
    made = Connection.objects.get(name="far-sandbox")
    assert answer.url == page(made.pk)
    assert "Another connection" in text_of(client.post(ADD, form))
    events = LedgerEvent.objects.filter(type="config.changed").values_list("subject_type", flat=True)
    assert sorted(events) == ["connection", "connectionendpoint"]
    assert "Not set up yet" in told(client, client.post(deed("test", made.pk)))


def test_a_connection_that_has_no_address_yet_gets_one(client, workspace):
    made = Connection.objects.create(workspace=workspace, name="far", kind="far", environment="sandbox")
    form = {"workspace": workspace.pk, "name": "far", "kind": "far", "environment": "sandbox"}
    assert client.post(ADD, form).url == page(made.pk)
    assert Connection.objects.count() == 1


def test_settings_are_kept_in_the_shape_of_their_kind(client, connection_id):
    shown = text_of(client.get(page(connection_id)))
    assert 'value="https://crm.example"' in shown
    assert "Calls in 10 seconds" in shown
    form = {
        "base_url": "https://other.example", "calls_per_10_seconds": "90", "connect_seconds": "5",
        "read_seconds": "7.5", "total_seconds": "60", "version": "v1", "is_careful": "on",
    }  # fmt: skip
    assert client.post(page(connection_id), form).status_code == 302
    assert settings_of(connection_id) == {
        "base_url": "https://other.example",
        "calls_per_10_seconds": 90,
        "read_seconds": 7.5,
        "version": "v1",
        "is_careful": True,
    }
    event = LedgerEvent.objects.get(type="config.changed")
    assert b'"fields":["base_url","calls_per_10_seconds","is_careful","read_seconds","version"]' in bytes(event.body)
    assert get_connector(connection_id)._http is not None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base_url": "http://crm.example"}, "must begin with https://"),
        ({"base_url": "https://user:pw@crm.example"}, "name or a password"),
        ({"base_url": ""}, "required"),
        ({"version": "v3"}, "valid choice"),
        ({"calls_per_10_seconds": "-1"}, "greater than or equal to 0"),
        ({"calls_per_10_seconds": "999999999"}, "calls_per_10_seconds"),
        ({"read_seconds": "0"}, "read_seconds"),
        ({"total_seconds": "1e9"}, "total_seconds"),
    ],
)
def test_settings_that_do_not_fit_are_refused(client, connection_id, changes, words):
    good = {"base_url": "https://crm.example", "connect_seconds": "5", "read_seconds": "5", "total_seconds": "60"}
    answer = client.post(page(connection_id), good | {"version": "v2"} | changes)
    assert words in text_of(answer)
    assert settings_of(connection_id) == {"base_url": "https://crm.example"}


def test_a_secret_is_typed_replaced_and_forgotten_and_never_shown(client, connection_id):
    """Canary: the value is on no page, in no message and in no history."""
    pages = [
        client.get(deed("set_secret", connection_id)),
        client.post(deed("set_secret", connection_id), {"value": ""}),
    ]
    answer = client.post(deed("set_secret", connection_id), {"value": CANARY, "expires_at": "2099-01-02T03:04"})
    assert answer.status_code == 302
    assert open_secret(connection_id=connection_id, name="access_token").reveal() == CANARY
    pages += [client.get(page(connection_id)), client.get(deed("set_secret", connection_id)), client.get(LIST)]
    pages.append(client.post(deed("set_secret", connection_id), {"value": CANARY, "expires_at": "nonsense"}))
    shown = text_of(pages[2])
    mark = ConnectionSecret.objects.get().fingerprint
    assert mark in shown
    assert "by Kim Keeper" in shown
    assert "2 Jan 2099" in shown
    assert not [one for one in pages if CANARY in text_of(one)]
    assert pages[0]["Cache-Control"].count("no-store")
    client.post(deed("forget_secret", connection_id))
    assert not ConnectionSecret.objects.exists()
    assert "not set" in text_of(client.get(page(connection_id)))


def test_what_the_crm_hands_out_is_shown_and_not_typed(client, connection_id):
    ConnectionSecrets(connection_id).keep("session", CANARY)
    shown = text_of(client.get(page(connection_id)))
    assert "by the CRM" in shown
    for name in ("session", "nonsense"):
        address = reverse("admin:crm_connectors_endpoint_set_secret", args=[connection_id, name])
        assert client.post(address, {"value": "x"}).status_code == 404


def test_what_the_crm_handed_out_is_forgotten_by_hand(client, connection_id):
    ConnectionSecrets(connection_id).keep("session", CANARY)
    address = reverse("admin:crm_connectors_endpoint_forget_secret", args=[connection_id, "session"])
    assert address in text_of(client.get(page(connection_id)))
    assert client.post(address).status_code == 302
    assert not ConnectionSecret.objects.exists()


def test_the_page_says_before_and_after_that_secrets_are_to_be_set_again(client, workspace, connection_id):
    """IDN-05: another address costs the secrets."""
    ConnectionSecrets(connection_id).keep("access_token", CANARY)
    form = {"base_url": "https://other.example", "connect_seconds": "5", "read_seconds": "30", "total_seconds": "60"}
    warning = "they will have to be set again: <strong>Address</strong>"
    assert warning in text_of(client.get(page(connection_id)))
    assert "set them again" in told(client, client.post(page(connection_id), form | {"version": "v2"}))
    assert not ConnectionSecret.objects.exists()
    looker = log_in(make_login(workspace, "view_ledger"))
    assert warning not in text_of(looker.get(page(connection_id)))


@pytest.mark.parametrize(
    ("served", "words"),
    [
        (reply(), "answers and accepts our credential"),
        (reply(status="401 Unauthorized"), "does not accept our credential: the token is not accepted"),
        (reply(status="503 Down"), "not reached: it answered 503"),
        (b"", "not reached: no whole answer from the CRM"),
    ],
)
def test_a_test_says_plainly_what_is_wrong(client, connection_id, served, words):
    ConnectionSecrets(connection_id).keep("access_token", CANARY)
    with serving(answering(served)) as server:
        ConnectionEndpoint.objects.update(settings={"base_url": server.url, "read_seconds": 0.5})
        assert words in told(client, client.post(deed("test", connection_id)))


def test_a_test_without_a_secret_or_into_our_own_network(client, connection_id):
    assert "is not set, or has expired" in told(client, client.post(deed("test", connection_id)))
    ConnectionSecrets(connection_id).keep("access_token", CANARY)
    ConnectionEndpoint.objects.update(settings={"base_url": "https://10.1.2.3"})
    assert "leads into a private network" in told(client, client.post(deed("test", connection_id)))


@pytest.mark.django_db(transaction=True)
def test_a_test_calls_outside_any_transaction(client, connection_id, monkeypatch):
    ConnectionSecrets(connection_id).keep("access_token", CANARY)
    inside = []

    def note(self, *_, **__):
        inside.append(database.in_atomic_block)

    monkeypatch.setattr("tests.doubles.remote_kind.HttpClient.call", note)
    client.post(deed("test", connection_id))
    assert inside == [False]


def test_a_test_goes_through_an_open_breaker_and_leaves_it(client, connection_id):
    ConnectionSecrets(connection_id).keep("access_token", CANARY)
    ConnectionGate.objects.create(connection_id=connection_id, state="open", reason="auth", opened_at=get_now())
    with serving(answering(reply())) as server:
        ConnectionEndpoint.objects.update(settings={"base_url": server.url})
        assert "answers and accepts" in told(client, client.post(deed("test", connection_id)))
    assert ConnectionGate.objects.get().state == "open"


def test_a_paused_connection_is_told_and_closed_with_a_reason(client, connection_id):
    ConnectionGate.objects.create(
        connection_id=connection_id, state="open", reason="auth", message="the token was revoked", opened_at=get_now()
    )
    shown = text_of(client.get(page(connection_id)))
    assert "Paused since" in shown
    assert "the token was revoked" in shown
    assert "paused" in text_of(client.get(LIST))
    client.post(deed("close_breaker", connection_id), {"reason": ""})
    assert ConnectionGate.objects.get().state == "open"
    client.post(deed("close_breaker", connection_id), {"reason": "renewed"})
    assert ConnectionGate.objects.get().state == "closed"


@pytest.mark.parametrize("name", sorted(DEEDS))
@pytest.mark.parametrize("permissions", [(), ("view_requests",), ("edit_policy", "view_ledger", "publish_policy")])
def test_who_may_not_manage_agents_does_none_of_it(workspace, connection_id, name, permissions):
    client = log_in(make_login(workspace, *permissions))
    answer = client.post(deed(name, connection_id), {"value": "x", "reason": "x"})
    assert answer.status_code == 403 or "/login/" in answer.url
    assert client.post(page(connection_id), {"base_url": "https://evil.example"}).status_code in (302, 403, 404)
    assert settings_of(connection_id) == {"base_url": "https://crm.example"}
    assert client.post(ADD, {"workspace": workspace.pk, "name": "x", "kind": "far"}).status_code in (302, 403)
    assert not LedgerEvent.objects.exists()


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_another_workspaces_connection_is_out_of_reach(connection_id, name):
    client = log_in(make_login(make_workspace("elsewhere"), "manage_agents"))
    assert client.post(deed(name, connection_id), {"value": "x", "reason": "x"}).status_code == 403
    assert client.get(page(connection_id)).status_code in (302, 403, 404)
    assert not LedgerEvent.objects.exists()


def test_a_looker_sees_and_is_offered_nothing(workspace, connection_id):
    ConnectionSecrets(connection_id).keep("access_token", CANARY)
    shown = text_of(log_in(make_login(workspace, "view_ledger")).get(page(connection_id)))
    assert "Access token" in shown
    for words in ("Test the connection", "Replace", "Forget", "Keep these settings"):
        assert words not in shown


@pytest.mark.parametrize(
    ("permission", "is_told"), [("manage_agents", True), ("view_ledger", True), ("view_requests", False)]
)
def test_the_home_page_tells_of_it_whom_it_concerns(workspace, connection_id, permission, is_told):
    ConnectionGate.objects.create(connection_id=connection_id, state="open", reason="auth", opened_at=get_now())
    client = log_in(make_login(workspace, permission, "view_requests"))
    assert ("CRM connection paused" in text_of(client.get("/admin/"))) is is_told
    ConnectionGate.objects.update(state="closed")
    assert "CRM connection paused" not in text_of(client.get("/admin/"))


def test_nothing_on_the_page_acts(client, connection_id):
    ConnectionGate.objects.create(
        connection_id=connection_id, state="open", reason="transient", message="<img src=x onerror=alert(1)>",
        opened_at=get_now(),
    )  # fmt: skip
    assert find_acting_nodes(client.get(page(connection_id)).content) == []


def test_reading_the_page_takes_few_queries(client, connection_id, django_assert_max_num_queries):
    client.get(page(connection_id))
    with django_assert_max_num_queries(40):
        client.get(page(connection_id))


@pytest.mark.parametrize("kind", sorted(CONNECTOR_KINDS))
def test_the_settings_of_every_kind_have_a_form(kind):
    """CON-06: what a vendor folder declares can be typed at the console."""
    shape = CONNECTOR_KINDS[kind].settings
    form = make_settings_form(shape, {}, data=None, is_editable=True)
    assert set(form.fields) == {member.name for member in structs.fields(shape)}
