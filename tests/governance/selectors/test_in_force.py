"""Every page's head, by one statement: what is stopped, tripped or broken open, and whom one may stop (KIL-01)."""

from datetime import timedelta

import pytest
from guardian.shortcuts import assign_perm

from audit.selectors.clock import get_now
from governance.models import BreakerState, User
from governance.selectors.in_force import get_in_force
from tests.builders.console import make_login
from tests.builders.governance import make_agent, make_switch, make_workspace
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


def fresh(user):
    return User.objects.get(pk=user.pk)


def told(user):
    """Stops, breakers and agents, each by what names it; by one statement beside the one for rights."""
    with captured_statements() as statements:
        found = get_in_force(fresh(user))
    assert len(statements) == 3
    return (
        [stop.agent or stop.kind for stop in found.stops],
        [breaker.name for breaker in found.breakers],
        [agent.name for agent in found.agents],
    )


@pytest.fixture
def acme():
    workspace = make_workspace("acme")
    agents = [make_agent(workspace, name=name) for name in ("agent.b", "agent.a")]
    make_switch(workspace, "write_back")
    make_switch(workspace, "agent", agent=agents[0])
    make_switch(workspace, "agent", agent=agents[1])
    BreakerState.objects.create(workspace=workspace, name="tripped", opened_at=get_now(), why="5 of 10")
    BreakerState.objects.create(workspace=workspace, name="closed")
    return workspace


def test_who_sees_the_workspace_sees_all_of_it_newest_first(acme):
    user = make_login(acme, "view_requests", "engage_switches")
    assert told(user) == (["agent.a", "agent.b", "write_back"], ["tripped"], ["agent.a", "agent.b"])


def test_who_may_not_stop_is_offered_nobody(acme):
    assert told(make_login(acme, "view_requests"))[2] == []


def test_another_workspace_is_not_told_of(acme):
    assert told(make_login(make_workspace("other"), "view_requests", "engage_switches")) == ([], [], [])


def test_who_holds_nothing_is_told_nothing(acme):
    assert told(make_login(acme)) == ([], [], [])


def test_who_holds_a_right_for_one_agent_sees_its_stop_and_those_of_all(acme):
    user, agent = make_login(acme), acme.agents.get(name="agent.a")
    assign_perm("governance.view_requests", user, agent)
    assert told(user) == (["agent.a", "write_back"], [], [])
    assign_perm("governance.engage_switches", user, agent)
    assert told(user)[2] == ["agent.a"]


def test_a_retired_agent_cannot_be_stopped_and_a_lifted_stop_is_over(acme):
    acme.agents.filter(name="agent.a").update(lifecycle="retired")
    moment = get_now() + timedelta(seconds=1)
    acme.kill_switches.filter(kind="write_back").update(lifted_at=moment, lifted_by="Olga", lift_reason="over")
    assert told(make_login(acme, "view_requests", "engage_switches")) == (
        ["agent.a", "agent.b"],
        ["tripped"],
        ["agent.b"],
    )
