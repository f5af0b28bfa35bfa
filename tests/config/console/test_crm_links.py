"""One place for a CRM: the list of connections leads to where each is reached, by a kind that is wired (CON-06)."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from config.console.navigation import list_navigation
from crm_connectors.models import ConnectionEndpoint
from crm_connectors.services.connectors import CONNECTOR_KINDS
from governance.models import User
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_connection, make_workspace

pytestmark = pytest.mark.django_db

LIST = reverse("admin:governance_connection_changelist")
CONNECT = reverse("admin:crm_connectors_connectionendpoint_add")


def page_of(connection):
    return reverse("admin:governance_connection_change", args=[connection.pk])


def set_up_of(connection):
    return reverse("admin:crm_connectors_connectionendpoint_change", args=[connection.pk])


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def keeper(workspace):
    return make_login(workspace, "manage_agents", name="Kim Keeper")


def titles(user, path):
    """The entries of the sidebar, and the link of the one where the path is."""
    request = RequestFactory().get(path)
    request.user = User.objects.get(pk=user.pk)
    group = next(group for group in list_navigation(request) if group.title == "Agents & access")
    return [entry.title for entry in group.entries], group.here


@pytest.mark.parametrize("path", [LIST, CONNECT])
def test_the_sidebar_has_one_entry_for_both(keeper, path):
    shown, here = titles(keeper, path)
    assert shown.count("Connections") == 1
    assert "CRM set-up" not in shown
    assert here == LIST


def test_a_connection_is_made_of_a_kind_that_is_wired(keeper, workspace):
    """No free text names a connector that nobody serves."""
    client = log_in(keeper)
    assert client.get(reverse("admin:governance_connection_add")).status_code == 403
    assert CONNECT in text_of(client.get(LIST))
    form = text_of(client.get(CONNECT))
    assert all(f'value="{kind}"' in form for kind in CONNECTOR_KINDS if kind != "embedded")
    answer = client.post(CONNECT, {"workspace": workspace.pk, "name": "x", "kind": "sugar", "environment": "sandbox"})
    assert answer.status_code == 200
    assert not workspace.connections.exists()


def test_a_connections_page_leads_to_its_address_or_to_making_one(keeper, workspace):
    reached, bare = (
        make_connection(workspace, "portal", kind="hubspot"),
        make_connection(workspace, "b", kind="hubspot"),
    )
    embedded = make_connection(workspace)
    ConnectionEndpoint.objects.create(connection=reached)
    client = log_in(keeper)
    assert set_up_of(reached) in text_of(client.get(page_of(reached)))
    assert "It has no address yet" in text_of(client.get(page_of(bare)))
    filled = text_of(client.get(CONNECT, {"name": bare.name, "kind": "hubspot", "workspace": str(workspace.pk)}))
    assert 'name="name" value="b"' in filled
    assert "It has no address yet" not in text_of(client.get(page_of(embedded)))


def test_who_may_not_connect_is_not_led_there(workspace):
    reader = log_in(make_login(workspace, "publish_policy", name="Rita Reader"))
    row = make_connection(workspace, "portal", kind="hubspot")
    ConnectionEndpoint.objects.create(connection=row)
    assert CONNECT not in text_of(reader.get(LIST))
    assert set_up_of(row) not in text_of(reader.get(page_of(row)))
