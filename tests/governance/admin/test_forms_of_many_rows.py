"""The forms of an agent and of a connection: the same statements however much hangs on the row, page by page."""

import pytest
from django.urls import reverse

from governance.domain.vocabulary import Action
from governance.models import Grant
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import (
    make_agent,
    make_connection,
    make_grant,
    make_person,
    make_workspace,
    make_world,
    publish,
)
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = make_world()
    publish(world)
    return world


@pytest.fixture
def client(world):
    return log_in(make_login(world.workspace, "edit_policy", "manage_agents", "revert_requests", "view_ledger"))


def statements_of(client, address):
    client.get(address)
    with captured_statements() as statements:
        assert client.get(address).status_code == 200
    return len(statements)


def make_grants(world, objects):
    for number in range(objects):
        for action in ("read", "search", Action.UPDATE.value):
            make_grant(world.agent, world.connection, object_type=f"object_{number:03}", action=action)


def page_of(world):
    return reverse("admin:governance_agent_change", args=[world.agent.pk])


def test_an_agents_form_asks_no_more_for_many_grants_and_shows_a_page_of_them(world, client):
    few = statements_of(client, page_of(world))
    make_grants(world, 20)
    assert statements_of(client, page_of(world)) == few <= 18
    shown = client.get(page_of(world)).content
    assert shown.count(b'-object_type" value=') == 20
    assert b"object_019" in client.get(page_of(world), {"grants-page": "4"}).content


def test_a_grant_of_a_later_page_is_edited_there_and_nothing_else(world, client):
    make_grants(world, 20)
    address = f"{page_of(world)}?grants-page=4"
    formset = next(f.formset for f in client.get(address).context["inline_admin_formsets"] if f.formset.model is Grant)
    rows = list(formset.get_queryset())
    data = {
        "name": world.agent.name,
        "workspace": str(world.workspace.pk),
        "owner": str(world.owner.pk),
        "purpose": world.agent.purpose,
        "grants-TOTAL_FORMS": len(rows),
        "grants-INITIAL_FORMS": len(rows),
        "credentials-TOTAL_FORMS": 0,
        "credentials-INITIAL_FORMS": 0,
        "versions-TOTAL_FORMS": 0,
        "versions-INITIAL_FORMS": 0,
    }
    for place, row in enumerate(rows):
        data |= {
            f"grants-{place}-id": str(row.pk),
            f"grants-{place}-agent": str(world.agent.pk),
            f"grants-{place}-connection": str(row.connection_id),
            f"grants-{place}-object_type": row.object_type,
            f"grants-{place}-action": row.action,
            f"grants-{place}-read_fields": "",
            f"grants-{place}-write_fields": "",
        }
    data["grants-0-object_type"] = "renamed"
    before = set(Grant.objects.values_list("pk", "object_type"))
    answer = client.post(address, data)
    assert answer.status_code == 302, text_of(answer)[:3000]
    assert set(Grant.objects.values_list("pk", "object_type")) - before == {(rows[0].pk, "renamed")}


def test_a_connections_form_asks_a_dozen(world, client):
    assert statements_of(client, reverse("admin:governance_connection_change", args=[world.connection.pk])) <= 9


def test_nobody_issues_a_credential_for_another_workspaces_agent(world):
    """IDN-07: an agent that they cannot see is not an agent that they may."""
    stranger = log_in(make_login(make_workspace("other"), "manage_agents", name="Sam Stranger"))
    address = f"/admin/governance/agent/{world.agent.pk}/issue-credential/"
    assert stranger.get(address).status_code == 403
    assert stranger.post(address, {"reason": "x"}).status_code == 403
    make_connection(make_workspace("third"), "beside")
    assert stranger.get("/admin/governance/agent/nonsense/issue-credential/").status_code == 404


def test_a_groups_form_finds_its_people_by_typing(world, client):
    address = reverse("admin:governance_approvergroup_change", args=[world.group.pk])
    assert b"admin-autocomplete" in client.get(address).content


def test_the_list_of_agents_asks_no_more_for_many(world, client):
    address = reverse("admin:governance_agent_changelist")
    few = statements_of(client, address)
    for number in range(12):
        make_agent(world.workspace, make_person(f"Owner {number}"), name=f"agent.{number}")
    assert statements_of(client, address) == few
