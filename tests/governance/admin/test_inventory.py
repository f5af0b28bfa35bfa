"""REG-10: one page says what can change a field; a misspelt place is refused; a change's consequences are listed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.selectors.clock import get_now
from crm_connectors.embedded.starter_schema import STARTER_OBJECTS
from governance.domain.starter.inventory import STARTER_PATHS, STARTER_SYSTEMS
from governance.domain.vocabulary import WritePathKind
from governance.models import Grant, System, WritePath
from governance.selectors.write_paths import answer_places
from governance.services.starter.inventory import load_inventory
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_owned_field, make_workspace, make_world, publish

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


def agents_of(world, place):
    answer = answer_places(world.connection, [("?", place)])[0]
    return [(found.agent, found.words) for found in answer.agents]


def test_agents_are_those_of_the_policy_in_force_with_how_far_their_grant_goes():
    """What only the edited rows grant is told apart, and what was withdrawn is not told."""
    world = make_world()
    assert agents_of(world, "companies.industry") == [(world.agent.name, "once published")]
    publish(world)
    assert agents_of(world, "companies.industry") == [(world.agent.name, "")]
    assert agents_of(world, "companies.name") == [(world.agent.name, "with approval")]
    assert agents_of(world, "deals.dealstage") == [(world.agent.name, "granted, but refused by policy")]
    assert agents_of(world, "deals") == [(world.agent.name, "with approval")]
    Grant.objects.filter(object_type="deals").update(is_withdrawn=True)
    assert agents_of(world, "deals.dealstage") == []


def test_the_starter_answers_the_three_questions_and_is_loaded_once():
    world = make_world()
    for name in ("owner", "territory", "country2"):
        make_owned_field(world.connection, name, object_type="companies")
    first = load_inventory(connection_id=world.connection.pk, now=get_now())
    assert first == {"systems": len(STARTER_SYSTEMS), "write_paths": len(STARTER_PATHS)}
    assert {path.kind for path in STARTER_PATHS} == set(WritePathKind)
    again = load_inventory(connection_id=world.connection.pk, now=get_now())
    assert again == {"systems": 0, "write_paths": 0}
    text = text_of(log_in(make_login(world.workspace, "edit_policy")).get(reverse(LIST)))
    for words in ("Won on signature", "Owner by territory", "Opportunity for an accepted lead", "stage automation"):
        assert words in text


def test_every_place_of_the_starter_is_a_field_or_object_of_the_embedded_crm():
    known = {f"{item.name}.{field.name}" for item in STARTER_OBJECTS for field in item.fields}
    known |= {item.name for item in STARTER_OBJECTS}
    places = {place for item in STARTER_SYSTEMS for place in (*item.reads, *item.writes)}
    places |= {place for item in STARTER_PATHS for place in (*item.triggers, *item.changes)}
    assert places <= known


def address(kind, *args):
    return reverse(f"admin:governance_writepath_{kind}", args=args)


def test_the_inventory_goes_out_and_comes_back_through_the_console():
    world = make_world()
    make_paths(world)
    client = log_in(make_login(world.workspace, "edit_policy"))
    assert address("import", world.workspace.pk) in text_of(client.get(reverse(LIST)))
    exported = client.get(address("export", world.workspace.pk, "csv"))
    assert exported["Content-Disposition"] == 'attachment; filename="inventory.csv"'
    content = exported.content.replace(b"workflow,embedded,Close", b"routing,embedded,Close")
    upload = {"file": SimpleUploadedFile("inventory.csv", content)}
    preview = client.post(address("import", world.workspace.pk), upload, follow=True)
    assert "1 row would change" in text_of(preview)
    taken = client.post(preview.redirect_chain[-1][0], {"take": "all"}, follow=True)
    assert "This file was taken" in text_of(taken)
    assert WritePath.objects.get(name="Close on signature").kind == "routing"


def test_who_may_only_look_takes_the_file_out_and_brings_none():
    world = make_world()
    looker = log_in(make_login(world.workspace, "view_ledger"))
    assert looker.get(address("export", world.workspace.pk, "xlsx")).status_code == 200
    assert "Import a file" not in text_of(looker.get(reverse(LIST)))
    assert looker.get(address("import", world.workspace.pk)).status_code == 403
    stranger = log_in(make_login(make_workspace("elsewhere"), "edit_policy", name="Stray Stranger"))
    assert stranger.get(address("export", world.workspace.pk, "csv")).status_code == 403
    assert stranger.post(address("import", world.workspace.pk)).status_code == 403
