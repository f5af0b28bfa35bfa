"""People of other workspaces are nobody's business: not in the list, not by address, not in their history (IDN-07)."""

import pytest
from django.urls import reverse

from tests.builders.api import make_site
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_person

pytestmark = pytest.mark.django_db
LIST = reverse("admin:governance_person_changelist")


@pytest.fixture
def places():
    here, there = make_site("acme"), make_site("globex", agent_name="agent.other")
    there.world.owner.name = "Gina Globex"
    there.world.owner.save()
    return here, there


def test_who_sees_one_workspace_sees_its_people(places):
    here, _ = places
    viewer = make_login(here.world.workspace, "edit_policy")
    make_person("Nora New")
    shown = text_of(log_in(viewer).get(LIST))
    assert here.world.owner.name in shown
    assert viewer.person.name in shown
    assert "Nora New" in shown, "of no workspace yet: somebody must be able to place them"
    assert "Gina Globex" not in shown


@pytest.mark.parametrize("page", ["change", "history"])
def test_a_person_of_another_workspace_cannot_be_opened(places, page):
    here, there = places
    client = log_in(make_login(here.world.workspace, "edit_policy", "manage_agents", "view_ledger"))
    address = reverse(f"admin:governance_person_{page}", args=[there.world.owner.pk])
    assert client.get(address).status_code in (302, 403, 404)
    assert "Gina Globex" not in text_of(client.get(address, follow=True))
    assert client.get(reverse(f"admin:governance_person_{page}", args=[here.world.owner.pk])).status_code == 200


def test_who_may_see_no_configuration_sees_nobody(places):
    here, _ = places
    assert log_in(make_login(here.world.workspace, "review_requests")).get(LIST).status_code == 403
