"""A person connects HubSpot in a real browser, tests it, ends a pause, and moves a production address by two people."""

import pytest
from django.urls import reverse

from crm_connectors.models import ConnectionEndpoint
from crm_connectors.port import AuthError
from crm_connectors.services import gate
from crm_connectors.services.address_change import work_on_address_changes
from crm_connectors.services.connectors import get_connector
from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN
from governance.models import Connection
from tests.builders.console import make_login
from tests.doubles.hubspot_portal import serving_portal
from tests.e2e.test_accessibility import serious_findings

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def served(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    gate._memories.clear()
    with serving_portal() as served:
        yield served


def test_crm_set_up(visit, site, served):
    """CON-06, IDN-05, F40: from nothing to a connection that answers, past a refused token and the pause it brought."""
    page, workspace = visit.page, site.world.workspace
    visit.enter(make_login(workspace, "manage_agents", name="Kim Keeper"))

    visit.open(reverse("admin:crm_connectors_connectionendpoint_add"))
    page.get_by_label("Workspace").select_option(label=str(workspace))
    page.get_by_label("Name").fill("hubspot-sandbox")
    page.get_by_label("CRM", exact=True).select_option("hubspot")
    page.get_by_label("Environment").select_option("sandbox")
    look(visit, "1-connect")
    page.get_by_role("button", name="Go on").click()

    page.wait_for_url("**/change/")
    page.get_by_label("Address").fill(served.url)
    page.get_by_role("button", name="Keep these settings").click()
    page.get_by_text("The settings are kept.").wait_for()
    set_token(visit, "Set", "wrong-token")
    press_test(visit)
    page.get_by_text("does not accept our credential").wait_for()
    look(visit, "2-refused")

    made = Connection.objects.get(name="hubspot-sandbox")
    with pytest.raises(AuthError):
        get_connector(made.pk).health()  # as an agent's request would: calls are paused from here on
    page.reload()
    page.get_by_text("The CRM refuses our credential.").wait_for()
    look(visit, "3-paused")

    set_token(visit, "Replace", PRIVATE_TOKEN)
    page.get_by_text("They go through.").wait_for()
    press_test(visit)
    page.get_by_text("The CRM answers and accepts our credential.").wait_for()
    look(visit, "4-well")
    assert PRIVATE_TOKEN not in page.content()
    gate._memories.clear()
    get_connector(made.pk).health()


def test_production_address(visit, site, served):
    """IDN-05: a production connection goes on calling where it called until a second person agrees."""
    page, workspace = visit.page, site.world.workspace
    made = Connection.objects.create(
        workspace=workspace, name="hubspot-production", kind="hubspot", environment="production"
    )
    ConnectionEndpoint.objects.create(connection=made, settings={"base_url": "https://api.example"})
    visit.enter(make_login(workspace, "manage_agents", name="Kim Keeper"))
    visit.open(reverse("admin:crm_connectors_connectionendpoint_change", args=[made.pk]))
    page.get_by_label("Address").fill(served.url)
    look(visit, "1-why")
    page.get_by_role("button", name="Keep these settings").click()
    page.get_by_text("tell them why").wait_for()
    look(visit, "2-no-reason")
    page.get_by_label("Why is it turned elsewhere?").fill("Moved to the portal's own region")
    page.get_by_role("button", name="Keep these settings").click()
    page.get_by_text("Another address waits for a second person.").wait_for()
    look(visit, "3-waits")
    assert ConnectionEndpoint.objects.get(pk=made.pk).settings == {"base_url": "https://api.example"}

    page.context.clear_cookies()
    visit.enter(make_login(workspace, "manage_agents", "countersign_changes", name="Sam Second"))
    page.reload()
    page.get_by_role("link", name="See what is proposed").click()
    page.get_by_text("Address: from `https://api.example`").wait_for()
    look(visit, "4-proposed")
    page.get_by_role("link", name="Countersign", exact=True).click()
    page.get_by_role("button", name="Countersign", exact=True).wait_for()
    look(visit, "5-countersign")
    page.get_by_role("button", name="Countersign", exact=True).click()
    page.get_by_text("Countersigned: the change is made.").wait_for()
    assert work_on_address_changes()
    assert ConnectionEndpoint.objects.get(pk=made.pk).settings == {"base_url": served.url}


def set_token(visit, verb, value):
    visit.page.get_by_role("link", name=f"{verb} Access token").click()
    visit.page.fill("[name=value]", value)
    visit.page.get_by_role("button", name="Keep it").click()
    visit.page.wait_for_url("**/change/")


def press_test(visit):
    visit.page.get_by_role("button", name="Test the connection").click()


def look(visit, step):
    """As a person sees it, by day and by night: nothing runs off the side, and axe finds nothing serious."""
    visit.page.wait_for_load_state()
    for theme in ("light", "dark"):
        visit.page.evaluate("theme => document.documentElement.classList.toggle('dark', theme === 'dark')", theme)
        assert not visit.is_scrolling_sideways(), step
        assert serious_findings(visit.page) == [], (step, theme)
        visit.shoot(f"{step}-{theme}")
    visit.page.evaluate("document.documentElement.classList.remove('dark')")
