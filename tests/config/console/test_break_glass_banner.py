"""An open break-glass is told on every page of the console, at no statement more (PRM-10)."""

import pytest
from django.test import RequestFactory

from audit.selectors.clock import get_now
from config.console.navigation import list_navigation
from governance.domain.roles import PERMISSIONS
from governance.models import ActionTier, User
from governance.services.break_glass import ask_break_glass, end_break_glass
from governance.services.change_proposals import countersign_change
from tests.builders.api import make_site
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import publish
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db

WORDS = "Break-glass is open"


@pytest.fixture
def site():
    site = make_site()
    ActionTier.objects.filter(action="update").update(risk_tier="blocked")
    publish(site.world)
    return site


@pytest.fixture
def viewer(site):
    return make_login(site.world.workspace, *PERMISSIONS, name="Vera Viewer")


@pytest.fixture
def glass(site):
    asks = make_login(site.world.workspace, "break_glass", name="Sam Asks")
    agrees = make_login(site.world.workspace, "countersign_changes", name="Carl Countersigns")
    proposal_id = ask_break_glass(
        agent_id=site.world.agent.pk,
        connection_id=site.world.connection.pk,
        action="update",
        object_type="companies",
        record_id="",
        minutes=30,
        reason="the import is wrong and the board meets",
        person_id=asks.person_id,
        user_id=asks.pk,
        now=get_now(),
    )
    countersign_change(proposal_id=proposal_id, person_id=agrees.person_id, user_id=agrees.pk, now=get_now())
    return site.world.agent.break_glasses.get()


def pages_of(user: User) -> list[str]:
    """Every page of the sidebar."""
    request = RequestFactory().get("/review/")
    request.user = User.objects.get(pk=user.pk)
    return [entry.link for group in list_navigation(request) for entry in group.entries]


def test_every_page_says_so(viewer, glass):
    client, pages = log_in(viewer), pages_of(viewer)
    assert {"/review/", "/reports/", "/admin/governance/agent/"} <= set(pages)
    assert [page for page in pages if WORDS not in text_of(client.get(page))] == []
    end_break_glass(break_glass_id=glass.pk, user_id=viewer.pk, now=get_now())
    assert WORDS not in text_of(client.get("/review/"))


def test_saying_so_costs_no_statement(site, viewer, request):
    client = log_in(viewer)
    plain = {page: cost(client, page) for page in ("/review/", "/exceptions/", "/stops/")}
    request.getfixturevalue("glass")
    assert {page: cost(client, page) for page in plain} == plain


def cost(client, page):
    client.get(page)
    with captured_statements() as statements:
        client.get(page)
    return len(statements)
