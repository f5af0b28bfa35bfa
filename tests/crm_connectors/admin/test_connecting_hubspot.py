"""A person connects a HubSpot portal at the console, and tests it (CON-01, CON-06)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from audit.selectors.clock import get_now
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.services import gate
from crm_connectors.services.schema_sync import sync_schema
from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN
from governance.models import Connection, RegisteredField
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_workspace
from tests.doubles.hubspot_portal import ServedPortal, serving_portal

pytestmark = pytest.mark.django_db
ADD = reverse("admin:crm_connectors_connectionendpoint_add")


@pytest.fixture(scope="module")
def served() -> Iterator[ServedPortal]:
    with serving_portal() as served:
        yield served


def test_a_portal_is_connected_from_nothing_and_its_schema_read(served: ServedPortal, settings: Any) -> None:
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    gate._memories.clear()
    workspace = make_workspace()
    client = log_in(make_login(workspace, "manage_agents", name="Kim Keeper"))

    client.post(ADD, {"workspace": workspace.pk, "name": "crm", "kind": "hubspot", "environment": "sandbox"})
    made = Connection.objects.get(name="crm")
    page = reverse("admin:crm_connectors_connectionendpoint_change", args=[made.pk])
    shown = text_of(client.get(page))
    form = {
        "base_url": served.url, "version": "2026-03", "sign_in": "token", "client_id": "", "app_id": "1000001",
        "portal_id": "62515", "objects": "companies deals", "key_property": "countersign_key",
        "mark_property": "countersign_operation", "calls_per_10_seconds": "0", "connect_seconds": "5",
        "read_seconds": "30", "total_seconds": "60",
    }  # fmt: skip
    saved = client.post(page, form)
    secret = reverse("admin:crm_connectors_endpoint_set_secret", args=[made.pk, "access_token"])
    client.post(secret, {"value": PRIVATE_TOKEN})
    tested = client.post(reverse("admin:crm_connectors_endpoint_test", args=[made.pk]), follow=True)
    sync_schema(connection_id=made.pk, now=get_now())

    assert 'value="https://api.hubapi.com"' in shown
    assert "Version of the API" in shown
    assert saved.status_code == 302
    assert ConnectionEndpoint.objects.get(pk=made.pk).settings["version"] == "2026-03"
    assert "answers" in text_of(tested).lower()
    fields = RegisteredField.objects.filter(connection=made, object_type="deals").values_list("name", "field_type")
    assert ("dealstage", "picklist") in fields
    assert ("closedate", "datetime") in fields
