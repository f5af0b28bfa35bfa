"""Rights for one agent alone: given and taken by who manages agents, never to oneself, and on record (IDN-07)."""

import json

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from guardian.shortcuts import assign_perm

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.agent_rights import AGENT_RIGHTS, RIGHT_WORDS, AgentRight, with_needed
from governance.domain.roles import PERMISSIONS
from governance.models import Agent, User, Workspace
from governance.selectors.access import NotAllowedError, holds_in, may, may_for
from governance.selectors.agent_holders import list_holdings
from governance.selectors.held import get_held
from governance.selectors.workspace_people import list_known_people
from governance.services.agent_rights import AgentRightsError, set_agent_rights, take_agent_rights
from governance.services.lifecycle import change_lifecycle
from tests.builders.console import log_in, make_agents_login, make_login, text_of
from tests.builders.governance import make_agent, make_person, make_user, make_workspace

pytestmark = pytest.mark.django_db
ROBOT, PERSON = Actor("agent", "a"), Actor("human", "p")


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def agent(workspace):
    return make_agent(workspace, make_person("Olga Owner"), name="agent.one")


@pytest.fixture
def rosa(workspace):
    return make_login(workspace, "manage_agents", name="Rosa Revops")


@pytest.fixture
def ann():
    return make_user(make_person("Ann Alone"), is_staff=False)


def give(agent, holder, by, *rights, actor=PERSON):
    return set_agent_rights(
        agent_id=agent.pk, holder_id=holder.pk, rights=rights, actor=actor, user_id=by.pk, now=get_now()
    )


def test_every_right_has_its_words_and_its_twin_in_the_workspace():
    assert set(RIGHT_WORDS) == set(AgentRight)
    assert AGENT_RIGHTS <= PERMISSIONS
    own = {codename for codename, _ in Agent._meta.permissions}
    assert own == AGENT_RIGHTS <= {codename for codename, _ in Workspace._meta.permissions}


def test_who_does_anything_sees_the_requests_and_who_scores_sees_samples():
    assert with_needed([]) == frozenset()
    assert with_needed([AgentRight.ENGAGE_SWITCHES]) == {AgentRight.ENGAGE_SWITCHES, AgentRight.VIEW_REQUESTS}
    assert AgentRight.VIEW_QUALITY in with_needed([AgentRight.SCORE_QUALITY])


def test_given_rights_hold_for_the_agent_alone_and_are_in_the_ledger(agent, rosa, ann):
    other = make_agent(agent.workspace, agent.owner, name="agent.two")
    assert give(agent, ann, rosa, "review_requests") == {"review_requests", "view_requests"}
    ann = User.objects.get(pk=ann.pk)
    assert ann.is_staff  # its pages are the console's
    place = {"workspace_id": agent.workspace_id}
    assert may_for(ann, "review_requests", agent_id=agent.pk, **place)
    assert not may_for(ann, "review_requests", agent_id=other.pk, **place)
    assert not may_for(ann, "review_requests", agent_id=None, **place)
    assert not may(ann, "review_requests", agent.workspace_id)
    assert not holds_in(ann, agent.workspace_id)
    event = LedgerEvent.objects.get(type="agent_rights.changed")
    data = json.loads(bytes(event.body))["data"]
    assert (event.subject_id, data["agent"]) == (str(ann.pk), "agent.one")
    assert (data["given"], data["taken"]) == (["review_requests", "view_requests"], [])


def test_exactly_these_rights_are_left_and_the_same_again_says_nothing(agent, rosa, ann):
    give(agent, ann, rosa, "review_requests", "engage_switches")
    give(agent, ann, rosa, "engage_switches")
    give(agent, ann, rosa, "engage_switches")
    (holding,) = list_holdings([agent.pk])
    assert holding.rights == {"engage_switches", "view_requests"}
    assert LedgerEvent.objects.filter(type="agent_rights.changed").count() == 2
    assert give(agent, ann, rosa) == frozenset()
    assert list_holdings([agent.pk]) == []


def test_who_does_not_manage_agents_in_the_workspace_gives_and_takes_nothing(agent, ann):
    clerk = make_login(agent.workspace, *(PERMISSIONS - {"manage_agents", "review_access"}), name="Clara Clerk")
    manager = make_agents_login(agent, "manage_agents", name="Max Manager")
    stranger = make_login(make_workspace("other"), *PERMISSIONS, name="Fay Foreign")
    for by in (clerk, manager, stranger, ann):
        with pytest.raises(NotAllowedError):
            give(agent, ann, by, "view_requests")
        with pytest.raises(NotAllowedError):
            take_agent_rights(agent_id=agent.pk, holder_id=manager.pk, actor=PERSON, user_id=by.pk, now=get_now())
    assert [holding.user_id for holding in list_holdings([agent.pk])] == [manager.pk]


def test_nobody_gives_to_themselves_by_no_login_of_theirs(agent, rosa):
    second = make_user(rosa.person, username="rosa.second")
    for own in (rosa, second):
        with pytest.raises(AgentRightsError, match="themselves"):
            give(agent, own, rosa, "review_requests")


def test_agents_give_nothing_and_unknown_rights_are_refused(agent, rosa, ann):
    with pytest.raises(NotAllowedError):
        give(agent, ann, rosa, "view_requests", actor=ROBOT)
    for right in ("edit_policy", "lift_switches", "view_agent", "x"):
        with pytest.raises(AgentRightsError):
            give(agent, ann, rosa, right)


def test_only_active_people_of_the_workspace_or_of_none_yet_are_given_rights(agent, rosa, ann):
    elsewhere = make_login(make_workspace("other"), "view_requests", name="Eve Elsewhere")
    nobody = make_user(None, username="nobody")
    gone = make_user(make_person("Gus Gone"))
    gone.is_active = False
    gone.save()
    root = make_user(make_person("Root"), username="root")
    root.is_superuser = True
    root.save()
    for holder in (elsewhere, nobody, gone, root):
        with pytest.raises(AgentRightsError):
            give(agent, holder, rosa, "view_requests")
    give(agent, ann, rosa, "view_requests")
    assert ann.person in list_known_people([agent.workspace_id])
    assert ann.person not in list_known_people([elsewhere_id("other")])


def elsewhere_id(slug):
    return Workspace.objects.get(slug=slug).pk


def test_a_group_of_logins_may_hold_them_too(agent, ann):
    team = Group.objects.create(name="team one")
    ann.groups.add(team)
    assign_perm("engage_switches", team, agent)
    assert get_held(User.objects.get(pk=ann.pk)).at_agent(agent.workspace_id, agent.pk) == {"engage_switches"}
    assert may_for(ann, "engage_switches", workspace_id=agent.workspace_id, agent_id=agent.pk)
    assert [(holding.group, holding.rights) for holding in list_holdings([agent.pk])] == [
        ("team one", frozenset({"engage_switches"}))
    ]


def test_a_login_that_is_not_active_holds_nothing(agent, rosa, ann):
    give(agent, ann, rosa, "view_requests")
    User.objects.filter(pk=ann.pk).update(is_active=False)
    ann = User.objects.get(pk=ann.pk)
    assert not may_for(ann, "view_requests", workspace_id=agent.workspace_id, agent_id=agent.pk)
    assert get_held(ann).of_agents == {}


# ---- the pages ------------------------------------------------------------------------------------------------------
def page(agent):
    return reverse("admin:governance_agent_rights", args=[agent.pk])


def test_the_page_gives_changes_and_takes_and_says_what_was_changed(agent, rosa, ann):
    client = log_in(rosa)
    assert "Nobody. Only people" in text_of(client.get(page(agent)))
    client.post(page(agent), {"holder": ann.pk, "rights": ["review_requests", "engage_switches"]})
    shown = text_of(client.get(page(agent)))
    assert "Ann Alone" in shown
    assert "given: stops it" in shown
    assert "Ann Alone" in text_of(client.get(reverse("admin:governance_agent_change", args=[agent.pk])))
    client.post(page(agent), {"holder": ann.pk})
    assert "taken: stops it" in text_of(client.get(page(agent)))
    assert list_holdings([agent.pk]) == []


@pytest.mark.parametrize("holder", ["", "x", "0", "999999", "1" * 30, "²"])
def test_a_form_that_names_nobody_changes_nothing(agent, rosa, holder):
    answer = log_in(rosa).post(page(agent), {"holder": holder, "rights": ["view_requests"]}, follow=True)
    assert "Nothing was changed" in text_of(answer)


def test_the_page_is_for_who_manages_reviews_or_watches_the_whole_workspace(agent, ann):
    manager = make_agents_login(agent, *AGENT_RIGHTS, name="Max Manager")
    auditor = make_login(agent.workspace, "view_ledger", name="Aud Auditor")
    assert Client().get(page(agent)).status_code == 302
    assert log_in(manager).get(page(agent)).status_code == 403
    assert log_in(auditor).get(page(agent)).status_code == 200
    for user in (manager, auditor):
        assert log_in(user).post(page(agent), {"holder": ann.pk, "rights": ["view_requests"]}).status_code == 403


def test_who_manages_one_agent_alone_changes_its_purpose_and_not_its_owner(agent):
    other = make_agent(agent.workspace, agent.owner, name="agent.two")
    client = log_in(make_agents_login(agent, "manage_agents", "view_requests", name="Max Manager"))
    listed = text_of(client.get(reverse("admin:governance_agent_changelist")))
    assert "agent.one" in listed
    assert "agent.two" not in listed
    address = reverse("admin:governance_agent_change", args=[agent.pk])
    form = {"purpose": "A better one", "owner": str(make_person("Pia Puppet").pk), "name": "agent.else"}
    for prefix in ("grants", "credentials", "versions"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    client.post(address, form)
    row = Agent.objects.get(pk=agent.pk)
    assert (row.name, row.owner, row.purpose) == ("agent.one", agent.owner, "A better one")
    assert client.get(reverse("admin:governance_agent_change", args=[other.pk])).status_code in (302, 403, 404)
    assert client.get(reverse("admin:governance_agent_add")).status_code == 403


def test_setting_an_agent_back_takes_the_whole_workspaces_right(agent):
    client = log_in(make_agents_login(agent, "manage_agents", "view_requests", name="Max Manager"))
    version = agent.history.first()
    address = f"{reverse('admin:governance_agent_history', args=[agent.pk])}{version.history_id}/"
    assert client.post(address).status_code == 403


def test_steps_of_the_one_agents_life_are_theirs(agent):
    other = make_agent(agent.workspace, agent.owner, name="agent.two")
    stopper = make_agents_login(agent, "engage_switches", "view_requests", name="Sam Stopper")
    step = {"lifecycle": "quarantined", "reason": "x", "actor": PERSON, "user_id": stopper.pk}
    with pytest.raises(NotAllowedError):
        change_lifecycle(agent_id=other.pk, now=get_now(), **step)
    change_lifecycle(agent_id=agent.pk, now=get_now(), **step)
    with pytest.raises(NotAllowedError):
        change_lifecycle(agent_id=agent.pk, now=get_now(), **step | {"lifecycle": "active"})
