"""REG-10: one page says what can change a field; a misspelt place is refused; a change's consequences are listed."""

import pytest
from django.urls import reverse

from governance.models import System, WritePath
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_owned_field, make_world

pytestmark = pytest.mark.django_db
LIST = "admin:governance_writepath_changelist"


def make_paths(world):
    make_owned_field(world.connection, "forecast", object_type="deals")
    system = System.objects.create(workspace=world.workspace, name="Forecast tool", writes=["deals.forecast"])
    WritePath.objects.create(
        connection=world.connection, name="Close on signature", kind="workflow", changes=["deals.dealstage"]
    )
    WritePath.objects.create(
        connection=world.connection,
        name="Forecast follows stage",
        kind="workflow",
        system=system,
        triggers=["deals.dealstage"],
        changes=["deals.forecast"],
    )


def test_one_look_says_what_can_change_stage_and_what_follows():
    world = make_world()
    make_paths(world)
    client = log_in(make_login(world.workspace, "edit_policy"))
    text = text_of(client.get(reverse(LIST)))
    assert "What can change Stage?" in text
    assert "Close on signature" in text
    assert "because of deals.dealstage" in text
    assert "What can create an Opportunity?" in text
    assert "<b>x" not in text_of(client.get(reverse(LIST), {"place": "<b>x"}))


def test_any_place_can_be_asked_for_and_agents_that_are_granted_it_are_named():
    world = make_world()
    client = log_in(make_login(world.workspace, "edit_policy"))
    assert world.agent.name in text_of(client.get(reverse(LIST), {"place": "companies.industry"}))
    assert "none that is known" in text_of(client.get(reverse(LIST), {"place": "<b>x"}))
    WritePath.objects.filter().delete()
    make_paths(world)
    WritePath.objects.update(is_active=False)
    answers = client.get(reverse(LIST), {"place": "deals.dealstage"}).context["answers"]
    assert answers[0].paths == ()


def test_a_misspelt_place_is_refused():
    world = make_world()
    client = log_in(make_login(world.workspace, "edit_policy"))
    form = {"connection": world.connection.pk, "name": "x", "kind": "workflow", "changes": "companies.industri"}
    refused = client.post(reverse("admin:governance_writepath_add"), form)
    assert "companies.industri" in text_of(refused)
    assert WritePath.objects.count() == 0
    client.post(reverse("admin:governance_writepath_add"), form | {"changes": "tasks\ncompanies", "is_active": "on"})
    assert WritePath.objects.get().changes == ["tasks", "companies"]


def test_a_stranger_sees_no_inventory():
    world = make_world()
    make_paths(world)
    assert log_in(make_login(None, name="Stray Stranger")).get(reverse(LIST)).status_code == 403
