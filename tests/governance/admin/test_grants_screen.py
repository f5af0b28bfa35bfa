"""The grants editor: one table, edited in place, withdrawn at once, copied between environments (PRM-01…06)."""

import pytest
from django.urls import reverse
from guardian.shortcuts import assign_perm

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import Grant
from governance.selectors.access import NotAllowedError
from governance.selectors.switches import is_grant_withdrawn
from governance.services.grants import set_withdrawn
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_connection, make_field, make_grant, make_workspace, make_world, publish
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db
LIST = reverse("admin:governance_grant_changelist")


@pytest.fixture
def world():
    world = make_world()
    publish(world)
    return world


@pytest.fixture
def rosa(world):
    return make_login(world.workspace, "edit_policy", name="Rosa Edits")


@pytest.fixture
def auditor(world):
    return make_login(world.workspace, "view_ledger", name="Aldo")


def grant_of(world, action="update", object_type="companies"):
    return Grant.objects.get(agent=world.agent, action=action, object_type=object_type, connection=world.connection)


def rows_of(client, **query):
    answer = client.get(LIST, query)
    return answer, list(answer.context["cl"].result_list)


def posted(rows, **changes):
    """The table as a browser sends it back; `changes` is row id → fields to write."""
    data = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows), "_save": "Save"}
    for position, row in enumerate(rows):
        data[f"form-{position}-id"] = str(row.pk)
        data[f"form-{position}-read_fields"] = row.read_fields
        data[f"form-{position}-write_fields"] = changes.get(str(row.pk), row.write_fields)
    return data


def test_the_table_shows_agent_object_action_fields_and_place(world, rosa):
    page = text_of(log_in(rosa).get(LIST))
    for expected in ("agent.enrichment", "companies", "numberofemployees", "embedded (sandbox)", "Withdraw now"):
        assert expected in page


def test_a_row_says_how_it_stands_to_the_policy_in_force(world, rosa):
    grant = grant_of(world)
    Grant.objects.filter(pk=grant.pk).update(write_fields=["industry"])
    Grant.objects.filter(pk=grant_of(world, "create").pk).update(is_withdrawn=True)
    new = make_grant(world.agent, world.connection, object_type="notes", action="read")
    _, rows = rows_of(log_in(rosa))
    states = {row.pk: row.published_state for row in rows}
    assert states[grant.pk] == "changed since"
    assert states[new.pk] == "not published"
    assert states[grant_of(world, "create").pk] == "withdrawn"
    assert states[grant_of(world, "read").pk] == "published"


def test_a_field_list_is_edited_in_place_and_recorded_once(world, rosa):
    client = log_in(rosa)
    _, rows = rows_of(client)
    grant = grant_of(world)
    assert client.post(LIST, posted(rows, **{str(grant.pk): ["industry"]})).status_code == 302
    grant.refresh_from_db()
    assert grant.write_fields == ["industry"]
    assert LedgerEvent.objects.filter(type="config.changed", subject_id=str(grant.pk)).count() == 1
    assert LedgerEvent.objects.filter(type="config.changed", subject_type="grant").count() == 1


def test_an_unregistered_field_is_refused(world, rosa):
    client = log_in(rosa)
    _, rows = rows_of(client)
    grant = grant_of(world)
    answer = client.post(LIST, posted(rows, **{str(grant.pk): ["industry", "no_such_field"]}))
    assert answer.status_code == 200
    grant.refresh_from_db()
    assert "no_such_field" not in grant.write_fields


def test_a_new_row_is_added_and_goes_on_to_its_fields(world, rosa):
    client = log_in(rosa)
    data = {
        "agent": str(world.agent.pk),
        "connection": str(world.connection.pk),
        "object_type": "notes",
        "action": "read",
    }
    answer = client.post(reverse("admin:governance_grant_add"), data)
    row = Grant.objects.get(object_type="notes", action="read")
    assert answer.url == reverse("admin:governance_grant_change", args=[row.pk])
    assert client.get(answer.url).status_code == 200
    answer = client.post(reverse("admin:governance_grant_add"), {**data, "object_type": "ghosts"})
    assert "has no such object" in text_of(answer)


def test_a_row_is_removed(world, rosa):
    grant = grant_of(world, "create")
    log_in(rosa).post(reverse("admin:governance_grant_delete", args=[grant.pk]), {"post": "yes"})
    assert not Grant.objects.filter(pk=grant.pk).exists()


def test_withdraw_now_bites_at_once_and_is_given_back(world, rosa):
    grant = grant_of(world)
    asked = {
        "agent_id": world.agent.pk,
        "connection_id": world.connection.pk,
        "object_type": "companies",
        "action": "update",
    }
    client = log_in(rosa)
    address = reverse("admin:governance_grant_withdraw", args=[grant.pk])
    client.get(address)
    assert not is_grant_withdrawn(**asked)
    client.post(address)
    assert is_grant_withdrawn(**asked)
    log_in(make_login(world.workspace, "manage_agents", name="Mia Manages")).post(address)
    assert not is_grant_withdrawn(**asked)


def test_who_drafts_policy_frees_no_withdrawn_grant(world, rosa):
    """PRM-06, IDN-07: it would bite with nobody publishing. No button, no page, no removal, no revert, no service."""
    grant = grant_of(world)
    client = log_in(rosa)
    address = reverse("admin:governance_grant_withdraw", args=[grant.pk])
    assert address in client.get(LIST).content.decode()
    client.post(address)
    earlier = Grant.history.filter(id=grant.pk, is_withdrawn=False).latest("history_date")

    assert address not in client.get(LIST).content.decode()
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403
    removal = reverse("admin:governance_grant_delete", args=[grant.pk])
    assert client.post(removal, {"post": "yes"}).status_code == 403
    client.post(reverse("admin:governance_grant_simple_history", args=[grant.pk, earlier.history_id]), {})
    with pytest.raises(NotAllowedError):
        set_withdrawn(grant_id=grant.pk, is_withdrawn=False, actor=Actor("human", "x"), user_id=rosa.pk, now=get_now())
    grant.refresh_from_db()
    assert grant.is_withdrawn


@pytest.mark.parametrize("permissions", [("manage_agents",), ("manage_agents", "edit_policy")])
def test_the_agents_page_frees_a_grant_for_who_manages_agents_in_the_workspace(world, permissions):
    """Rights for one agent are not enough to free it."""
    keeper = make_login(world.workspace, *permissions, name="Kim Keeper")
    alone = make_login(world.workspace, "edit_policy", name="Ada Alone")
    assign_perm("manage_agents", alone, world.agent)
    page = reverse("admin:governance_agent_change", args=[world.agent.pk])
    box = 'name="grants-0-is_withdrawn"'
    assert (box in log_in(keeper).get(page).content.decode()) == ("edit_policy" in permissions)
    seen = log_in(alone).get(page).content.decode()
    assert 'name="grants-0-connection"' in seen
    assert box not in seen
    assert 'name="grants-0-DELETE"' not in seen


def test_grants_are_copied_to_another_environment(world, rosa):
    """PRM-06: what the other connection's registry lacks is left out and named; what is there stays."""
    live = make_connection(world.workspace, "live", environment="production")
    make_field(live, "industry")
    make_field(live, "name")
    kept = make_grant(world.agent, live, action="read", read_fields=("name",))
    client = log_in(rosa)
    address = "/admin/governance/grant/copy/"
    data = {"agent": str(world.agent.pk), "source": str(world.connection.pk), "target": str(live.pk)}
    assert client.get(address).status_code == 200
    page = text_of(client.post(address, data, follow=True))
    assert "companies.numberofemployees" in page
    copy = Grant.objects.get(connection=live, object_type="companies", action="update")
    assert sorted(copy.write_fields) == ["industry", "name"]
    kept.refresh_from_db()
    assert kept.read_fields == ["name"]
    assert "different connections" in text_of(client.post(address, {**data, "target": data["source"]}))


def test_who_may_only_look_changes_nothing(world, auditor):
    client = log_in(auditor)
    grant = grant_of(world)
    answer, rows = rows_of(client)
    assert answer.status_code == 200
    assert ", ".join(grant.write_fields) in text_of(answer)
    assert f"[&quot;{grant.write_fields[0]}" not in text_of(answer), "fields are told as words, not as JSON"
    client.post(LIST, posted(rows, **{str(grant.pk): []}))
    grant.refresh_from_db()
    assert grant.write_fields
    assert client.post(reverse("admin:governance_grant_withdraw", args=[grant.pk])).status_code == 403
    assert client.post("/admin/governance/grant/copy/", {}).status_code == 403
    assert client.get(reverse("admin:governance_grant_add")).status_code == 403


def test_another_workspaces_grants_are_out_of_reach(world):
    stranger = make_login(make_workspace("other"), "edit_policy", name="Stranger")
    client = log_in(stranger)
    grant = grant_of(world)
    assert client.post(reverse("admin:governance_grant_withdraw", args=[grant.pk])).status_code == 403
    assert world.agent.name not in text_of(client.get(LIST))


def test_the_table_costs_the_same_for_many_rows(world, rosa):
    client = log_in(rosa)
    client.get(LIST)
    with captured_statements() as few:
        client.get(LIST)
    for action in ("delete", "send_email", "enroll_sequence", "export", "push_to_dialer", "create_meeting"):
        make_grant(world.agent, world.connection, action=action)
    with captured_statements() as many:
        client.get(LIST)
    assert len(many) <= len(few)


def test_a_row_draws_the_chosen_fields_and_finds_the_others_by_typing(world, rosa):
    """An object of two thousand fields weighs no more than one of three."""
    client, grant = log_in(rosa), grant_of(world)
    before = len(client.get(LIST).content)
    for number in range(120):
        make_field(world.connection, f"extra_{number:04}")
    assert abs(len(client.get(LIST).content) - before) < 100
    address = reverse("admin:governance_grant_fields", args=[grant.pk])
    assert address in client.get(LIST).content.decode()
    found = client.get(address, {"term": "EXTRA_00"}).json()
    assert [item["id"] for item in found["results"]][:2] == ["extra_0000", "extra_0001"]
    assert (len(found["results"]), found["pagination"]["more"]) == (50, True)
    rest = client.get(address, {"term": "extra_00", "page": "2"}).json()
    assert (len(rest["results"]), rest["pagination"]["more"]) == (50, False)
    assert client.get(address, {"page": "x" * 40}).status_code == 200


def test_what_a_grant_may_name_is_told_to_who_edits_it_alone(world, auditor):
    address = reverse("admin:governance_grant_fields", args=[grant_of(world).pk])
    assert log_in(auditor).get(address).status_code == 403
    stranger = make_login(make_workspace("other"), "edit_policy", name="Stranger")
    assert log_in(stranger).get(address).status_code == 403
