"""Circuit breakers in the console: how they stand, who may close one, how rows are edited (LIM-04)."""

from datetime import timedelta

import pytest

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import Breaker, BreakerState
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import make_breaker, make_world, publish

pytestmark = pytest.mark.django_db
LIST, LIMITS = "/admin/governance/breaker/", "/admin/governance/budget/"
EVIL = "<img src=x onerror=alert(1)>" + "long" * 40


@pytest.fixture
def world():
    world = make_world()
    make_breaker(world.workspace, world.owner, reason=EVIL[:200])
    publish(world)
    return world


def open_it(world, **changes):
    values = {"opened_at": get_now(), "why": EVIL, "calls": 40, "bad": 30, "looked_at": get_now(), **changes}
    return BreakerState.objects.create(workspace=world.workspace, name="watched", **values)


def reset(client, state, reason="the provider mended it"):
    return client.post(f"{LIST}{state.pk}/reset/", {"reason": reason}, follow=True)


@pytest.mark.parametrize("page", [LIST, LIMITS])
def test_the_page_says_how_each_stands_and_runs_nothing_of_what_it_shows(world, page):
    client = log_in(make_login(world.workspace, "edit_policy"))
    assert "not counted yet" in text_of(client.get(page))
    open_it(world)

    answer = client.get(page)

    text = text_of(answer)
    assert "30 of 40 attempts failed; it trips at 100%" in text
    assert '<strong class="font-semibold">open</strong>' in text
    assert "Close watched" not in text, "who may not close it is not offered it"
    assert [node for node in find_acting_nodes(answer.content) if "jsi18n" not in node] == []


def test_every_page_says_that_one_opened(world):
    client = log_in(make_login(world.workspace, "view_requests", "edit_policy"))
    open_it(world)
    answer = client.get("/admin/")
    assert "The circuit breaker watched opened" in text_of(answer)
    assert find_acting_nodes(answer.content) == []
    stranger = log_in(make_login(None, name="Stranger"))
    assert "watched opened" not in text_of(stranger.get("/admin/"))


def test_closing_takes_a_permission_and_a_reason(world):
    state = open_it(world)
    page = f"{LIST}{state.pk}/reset/"
    stranger = log_in(make_login(world.workspace, "edit_policy", "view_ledger", "engage_switches"))
    assert stranger.get(page).status_code == 403
    assert reset(stranger, state).status_code == 403
    client = log_in(make_login(world.workspace, "edit_policy", "lift_switches", name="Lisa"))
    assert f"{LIST}{state.pk}/reset/" in text_of(client.get(LIST))

    assert reset(client, state, reason="").status_code == 200
    assert BreakerState.objects.get().opened_at is not None

    assert "Closed. watched counts anew" in text_of(reset(client, state))
    assert BreakerState.objects.get().opened_at is None
    assert "closed already" in text_of(reset(client, state)).lower()
    assert LedgerEvent.objects.filter(type="breaker.reset").count() == 1


def test_half_open_is_said(world):
    open_it(world, opened_at=get_now() - timedelta(days=1))
    assert "half-open" in text_of(log_in(make_login(world.workspace, "edit_policy")).get(LIST))


def form(world, **changes):
    return {
        "workspace": str(world.workspace.pk),
        "name": "send-bounces",
        "signal": "bounces",
        "environment": "sandbox",
        "agent": "",
        "actions": ["send_email", "push_to_dialer"],
        "ratio": "0.05",
        "amount": "0",
        "currency": "",
        "window_seconds": "3600",
        "min_calls": "20",
        "open_seconds": "600",
        "probes": "3",
        "reason": "bounces",
        "owner": str(world.owner.pk),
        "is_active": "on",
        **changes,
    }


def test_revops_adds_one_and_others_do_not(world):
    client = log_in(make_login(world.workspace, "edit_policy"))
    answer = client.post(f"{LIST}add/", form(world))
    assert answer.status_code == 302, text_of(answer)
    assert Breaker.objects.get(name="send-bounces").actions == ["send_email", "push_to_dialer"]

    viewer = log_in(make_login(world.workspace, "view_ledger", name="Aldo"))
    assert viewer.post(f"{LIST}add/", form(world, name="another")).status_code == 403
    assert Breaker.objects.count() == 2


def test_a_mistake_is_told_at_the_row(world):
    """A value that cannot work is told where it is typed, before anybody publishes."""
    client = log_in(make_login(world.workspace, "edit_policy"))
    answer = client.post(f"{LIST}add/", form(world, ratio="7"))
    assert answer.status_code == 200
    assert "A share is greater than 0 and at most 1" in text_of(answer)
