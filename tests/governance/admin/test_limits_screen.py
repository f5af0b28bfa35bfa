"""Budgets in the console: what is drawn on stands first, the rest is folded away (LIM-01)."""

import re

import pytest

from tests.builders.api import make_site
from tests.builders.approvals import submit_executed
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_budget, publish

pytestmark = pytest.mark.django_db
LIMITS = "/admin/governance/budget/"


def seen_at_once(text):
    return re.sub(r"<details class=\"cs-idle\">.*?</details>", "", text, flags=re.DOTALL)


def test_what_is_drawn_on_is_seen_at_once_and_the_rest_on_asking():
    site = make_site()
    client = log_in(make_login(site.world.workspace, "edit_policy"))
    name = site.world.agent.name
    untouched = f"{name}: 0 of 1,000,000 bookings this hour"
    text = text_of(client.get(LIMITS))
    assert untouched in text
    assert untouched not in seen_at_once(text)

    submit_executed(site)

    text = seen_at_once(text_of(client.get(LIMITS)))
    assert re.search(rf"{re.escape(name)}: 1 of [\d,]+ writes this hour", text)
    assert untouched not in text


def test_a_workspace_is_called_by_its_name():
    site = make_site()
    workspace = site.world.workspace
    make_budget(workspace, 7, key="workspace")
    publish(site.world)
    text = text_of(log_in(make_login(workspace, "edit_policy")).get(LIMITS))
    assert f"{workspace.name}: 0 of 7 writes this hour" in text
    assert f"{workspace.slug}: " not in text


def test_the_list_tells_limits_as_people_read_them():
    """Money is kept in millionths."""
    site = make_site()
    make_budget(site.world.workspace, 12_500_000, unit="spend", currency="CHF")
    text = text_of(log_in(make_login(site.world.workspace, "edit_policy")).get(LIMITS))
    assert ">12.50<" in re.sub(r"\s+", "", text)
    assert ">1,000,000<" in re.sub(r"\s+", "", text)
    assert "12500000" not in text
