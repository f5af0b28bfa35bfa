"""What somebody hears who does not see the console: its parts, and each control by its name (APR-03)."""

import re

import pytest
from django.urls import reverse

from governance.models import RevenueField
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_workspace, make_world

pytestmark = pytest.mark.django_db

CONTROL = re.compile(r'<(?:input|select)\b[^>]*\bname="form-\d+-(?!id")[^>]*>')


@pytest.fixture
def world():
    world = make_world()
    RevenueField.objects.create(workspace=world.workspace, position=1, name="Amount")
    return world


@pytest.mark.parametrize("page", ["admin:index", "approvals:inbox", "admin:governance_agent_changelist"])
def test_a_page_has_one_head_and_one_main_part(world, page):
    text = text_of(log_in(make_login(world.workspace, "view_requests", "manage_agents")).get(reverse(page)))
    assert (text.count("<main"), text.count("<header>"), text.count("</main>")) == (1, 1, 1)


@pytest.mark.parametrize("table", ["grant", "registeredfield", "revenuefield"])
def test_each_control_in_a_list_is_named_by_its_column_and_row(world, table):
    text = text_of(
        log_in(make_login(world.workspace, "edit_policy")).get(reverse(f"admin:governance_{table}_changelist"))
    )
    controls = [control for control in CONTROL.findall(text) if "hidden" not in control]
    assert controls
    names = [re.search(r'aria-label="([^"]+: [^"]+)"', control) for control in controls]
    assert None not in names
    assert len({name[1] for name in names}) == len(controls)


def test_an_empty_workspace_says_that_nothing_is_published():
    client = log_in(make_login(make_workspace("empty"), "publish_policy"))
    text = text_of(client.get(reverse("admin:governance_policyversion_changelist")))
    assert "nothing is published yet" in text
    assert "everything is published" not in text
