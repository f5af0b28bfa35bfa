"""Anomaly stops in the console: what is usual, and who draws the lines (LIM-05)."""

import pytest

from audit.selectors.clock import get_now
from governance.models import AgentBaseline, Anomaly
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_agent, make_anomaly, make_world

pytestmark = pytest.mark.django_db
LIST = "/admin/governance/anomaly/"


def form(world, **changes):
    given = {"signal": "new_domains", "window": "hour", "floor": "10", "factor": "1", "scope": "", "is_active": "on"}
    return {"workspace": str(world.workspace.pk), **given, **changes}


def test_the_page_says_what_is_usual_and_runs_nothing_of_what_it_shows():
    world = make_world()
    make_agent(world.workspace, world.owner, name="<b onclick=x>" + "long" * 16)
    make_anomaly(world.workspace, 25)
    now = get_now()
    AgentBaseline.objects.create(agent=world.agent, per_hour=7, known_since=now, computed_at=now)

    answer = log_in(make_login(world.workspace, "edit_policy")).get(LIST)

    assert "7 requests an hour" in text_of(answer)
    assert "new: the lines themselves hold" in text_of(answer)
    assert "25, or 3 times the usual if that is more" in text_of(answer)
    assert [node for node in find_acting_nodes(answer.content) if "jsi18n" not in node] == []


def test_revops_draws_a_line_and_others_do_not():
    world = make_world()
    viewer = log_in(make_login(world.workspace, "view_ledger"))
    assert viewer.get(LIST).status_code == 200
    assert viewer.post(f"{LIST}add/", form(world)).status_code == 403
    client = log_in(make_login(world.workspace, "edit_policy", name="Rhea"))
    assert client.post(f"{LIST}add/", form(world)).status_code == 302
    assert Anomaly.objects.get().floor == 10
    assert log_in(make_login(None, name="Stranger")).get(LIST).status_code == 403
