"""KIL-02: a send that waits in its window is cancelled when a stop covers it, at once and by the sweep."""

from io import StringIO

import pytest
from django.core.management import call_command

from approvals.domain.status import Status
from approvals.services.events import request_event, system
from approvals.services.stop import stop
from approvals.services.sweep import sweep
from approvals.services.transition import advance
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from tests.builders.api import make_site
from tests.builders.approvals import get, submit
from tests.builders.governance import allow, make_agent, make_switch

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    site = make_site()
    allow(site.world.approver_user, site.world.workspace, "engage_switches")
    return site


def hold(site):
    """A request in its send window."""
    row = get(submit(site).request_id)
    event = request_event(row, "request.released", system("test"), data={"code": "send_window"})
    assert advance(
        request_id=row.pk, expected=Status.APPROVED, new=Status.HELD, code="send_window", now=get_now(), event=event
    )
    return row.pk


def engage(site, kind="all", agent_id=None):
    return stop(
        workspace_id=site.world.workspace.pk,
        kind=kind,
        agent_id=agent_id,
        reason="drill",
        actor=Actor("human", str(site.world.approver.pk)),
        user_id=site.world.approver_user.pk,
        now=get_now(),
    )


@pytest.mark.parametrize("kind", ["all", "write_back", "read_only"])
def test_a_stop_cancels_what_is_held(site, kind):
    held = hold(site)
    engage(site, kind)
    assert (get(held).status, get(held).status_code) == ("cancelled", f"switch_{kind}")


def test_the_stop_of_one_agent_leaves_the_others_sends(site):
    held = hold(site)
    other = make_agent(site.world.workspace, site.world.owner, name="agent.other")
    engage(site, "agent", other.pk)
    assert get(held).status == "held"
    engage(site, "agent", site.world.agent.pk)
    assert get(held).status_code == "switch_agent"


def test_another_workspaces_sends_stay(site):
    elsewhere = make_site("elsewhere", agent_name="agent.elsewhere")
    held = hold(elsewhere)
    engage(site)
    assert get(held).status == "held"


def test_the_sweep_cancels_what_a_stop_from_elsewhere_left(site):
    """Whatever engaged the switch: the rows are found."""
    held = hold(site)
    make_switch(site.world.workspace, "all")
    sweep(now=get_now())
    assert get(held).status == "cancelled"


def test_without_a_stop_nothing_is_cancelled(site):
    held = hold(site)
    sweep(now=get_now())
    assert get(held).status == "held"


def test_the_command_line_cancels_at_once(site):
    held = hold(site)
    workspace = site.world.workspace.slug
    call_command("kill_switch", "--workspace", workspace, "engage", "all", "--reason", "drill", stdout=StringIO())
    assert get(held).status_code == "switch_all"
