"""A rep lets an agent act for them, and revokes it, on their own page: their own and nobody else's (IDN-04)."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from governance.domain.roles import Role
from governance.models import Delegation
from governance.selectors.workspace_people import list_people
from governance.services.delegations import DelegationError, grant_delegation
from governance.services.roles import assign_role
from tests.builders.api import make_site
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_agent, make_person, make_user, make_workspace

pytestmark = pytest.mark.django_db
MINE, GRANT = reverse("approvals:mine"), reverse("approvals:delegate")


@pytest.fixture
def world():
    return make_site().world


def make_rep(world, name):
    user = make_user(make_person(name), is_staff=False)
    actor = Actor("system", "test")
    assign_role(user_id=user.pk, workspace_id=world.workspace.pk, role=Role.REP, actor=actor, now=get_now())
    return user


@pytest.fixture
def ana(world):
    return make_rep(world, "Ana Rep")


def scope(world, **changes):
    wanted = {"actions": ["update"], "objects": ["companies"], "days": "30", "reason": "my accounts"}
    return {"agent": str(world.agent.pk), **wanted, **changes}


def test_a_rep_grants_and_revokes_their_own(world, ana):
    client = log_in(ana)
    page = client.get(MINE)
    assert "No agent may act in your name" in text_of(page)
    assert not find_acting_nodes(page.content)
    assert "Granted" in text_of(client.post(GRANT, scope(world), follow=True))
    row = Delegation.objects.get()
    assert (row.person, row.granted_by, row.actions) == (ana.person, ana.person, ["update"])
    assert "until" in text_of(client.get(MINE))
    client.post(reverse("approvals:revoke_delegation", args=[row.pk]))
    row.refresh_from_db()
    assert row.revoked_by == ana.person


@pytest.mark.parametrize(
    "changes",
    [
        {"actions": []},
        {"objects": []},
        {"days": "181"},
        {"days": "٣"},
        {"reason": " "},
        {"agent": "x"},
        {"actions": ["read"]},
    ],
)
def test_what_is_no_sound_scope_is_said_and_grants_nothing(world, ana, changes):
    page = text_of(log_in(ana).post(GRANT, scope(world, **changes), follow=True))
    assert "Nothing was granted" in page
    assert not Delegation.objects.exists()


def test_nobody_revokes_another_persons_here(world, ana):
    log_in(ana).post(GRANT, scope(world))
    row = Delegation.objects.get()
    address = reverse("approvals:revoke_delegation", args=[row.pk])
    assert log_in(make_rep(world, "Ben Rep")).post(address).status_code == 404
    assert Client().post(address).status_code == 302
    row.refresh_from_db()
    assert row.revoked_at is None


def test_an_agent_of_another_workspace_is_not_to_be_had(world, ana):
    other = make_agent(make_workspace("other"), name="agent.other")
    page = text_of(log_in(ana).post(GRANT, scope(world, agent=str(other.pk)), follow=True))
    assert "choose an agent" in page
    assert other.name not in text_of(log_in(ana).get(MINE))


def test_people_of_other_workspaces_are_not_offered_and_not_taken(world, ana):
    """IDN-07: whoever manages agents here learns nothing of who works elsewhere."""
    manager = make_login(world.workspace, "manage_agents", name="Mona")
    stranger = make_login(make_workspace("other"), "view_requests", name="Stranger Elsewhere").person
    unplaced = make_person("Nina New")
    offered = set(list_people([world.workspace.pk]))
    assert {ana.person, unplaced} <= offered
    assert stranger not in offered
    assert "Stranger" not in text_of(log_in(manager).get("/admin/governance/delegation/grant/"))
    with pytest.raises(DelegationError, match="another workspace"):
        grant_delegation(
            agent_id=world.agent.pk,
            person_id=stranger.pk,
            connection_id=None,
            actions=["update"],
            objects=["companies"],
            reason="x",
            days=1,
            user_id=manager.pk,
            now=get_now(),
        )
