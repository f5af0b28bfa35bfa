"""A person connects a Salesforce org at the console and tries it (CON-02, CON-06, IDN-05)."""

from typing import Any

import pytest
from django.urls import reverse

from crm_connectors.models import ConnectionEndpoint, ConnectionSecret
from crm_connectors.services import gate
from governance.models import Connection
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_workspace
from tests.builders.salesforce import CLIENT_ID, CLIENT_SECRET, SalesforceServer

pytestmark = pytest.mark.django_db


def deed(name: str, *arguments: Any) -> str:
    return reverse(f"admin:crm_connectors_endpoint_{name}", args=arguments)


def test_an_org_is_connected_and_tried(server: SalesforceServer) -> None:
    gate._memories.clear()
    workspace = make_workspace()
    client = log_in(make_login(workspace, "manage_agents", name="Kim Keeper"))
    form = {"workspace": workspace.pk, "name": "sf", "kind": "salesforce", "environment": "sandbox"}
    client.post(reverse("admin:crm_connectors_connectionendpoint_add"), form)
    connection = Connection.objects.get(name="sf")
    page = reverse("admin:crm_connectors_connectionendpoint_change", args=[connection.pk])
    shown = text_of(client.get(page))
    assert all(words in shown for words in ("Consumer key", "Field for our keys", "Consumer secret", "Private key"))

    typed = {
        "base_url": server.url, "client_id": CLIENT_ID, "grant": "client_credentials", "username": "",
        "audience": "https://login.salesforce.com", "api_version": "62.0", "objects": "Account, Contact",
        "key_field": "", "calls_per_10_seconds": "0", "connect_seconds": "5", "read_seconds": "30",
        "total_seconds": "60", "spare_percent": "5",
    }  # fmt: skip
    assert client.post(page, typed).status_code == 302
    kept = ConnectionEndpoint.objects.get(pk=connection.pk).settings
    assert kept == {"base_url": server.url, "client_id": CLIENT_ID, "objects": "Account, Contact", "key_field": ""}
    assert client.post(page, typed | {"api_version": "newest"}).status_code == 200
    assert client.post(page, typed | {"key_field": "Name' OR"}).status_code == 200

    refused = client.post(deed("test", connection.pk))
    assert "client_secret" in text_of(client.get(refused.url))
    client.post(deed("set_secret", connection.pk, "client_secret"), {"value": CLIENT_SECRET})
    answer = client.post(deed("test", connection.pk))
    assert "The CRM answers and accepts our credential." in text_of(client.get(answer.url))
    assert set(ConnectionSecret.objects.values_list("name", flat=True)) == {"client_secret", "session"}
    assert server.simulator.tokens.sessions
