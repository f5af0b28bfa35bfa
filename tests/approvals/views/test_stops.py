"""Stops from the header of every page: in force when the answer arrives, with what was already out (KIL-01/02)."""

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import AgentActionRequest
from approvals.services.claim import claim_request
from audit.models import LedgerEvent
from governance.domain.vocabulary import SwitchKind
from governance.models import KillSwitch, User
from tests.builders.api import make_site
from tests.builders.approvals import get, submit, submit_executed, submit_pending
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import allow, make_agent, make_person, make_switch, make_user, make_workspace

pytestmark = pytest.mark.django_db
STOPS, ENGAGE, QUARANTINE = (reverse(f"approvals:{name}") for name in ("stops", "engage", "quarantine"))
ALL = ("view_requests", "review_requests", "engage_switches", "lift_switches", "edit_policy", "view_ledger")


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def client(site):
    user = make_login(site.world.workspace, *ALL)
    user.is_staff = True
    user.save()
    return log_in(user)


def counted(title: str, count: int) -> str:
    return f'{title} <span class="cs-muted">{count}</span>'


def engage(client: Client, site, **values: str):
    form = {"workspace": site.world.workspace.slug, "preset": "Drill", "kind": "all", **values}
    return client.post(ENGAGE, form, follow=True)


def test_a_reason_that_hides_characters_is_spelled_out(site, client):
    """APR-03: in the banner of every page and on the page of stops."""
    switch = make_switch(site.world.workspace)
    KillSwitch.objects.filter(pk=switch.pk).update(reason="pay \u202egnp.exe")
    page = text_of(client.get(STOPS))
    assert "\u202e" not in page
    assert page.count("pay ⟦U+202E⟧gnp.exe") == 2


def test_the_panel_is_on_every_page(site, client):
    """KIL-01: admin pages and reviewers' pages alike; one form, no script needed, nothing that acts by itself."""
    row = submit_pending(site)
    pages = [
        reverse("admin:index"),
        reverse("admin:governance_killswitch_changelist"),
        reverse("admin:audit_ledgerevent_changelist"),
        reverse("approvals:inbox"),
        reverse("approvals:requests"),
        reverse("approvals:review", args=[row.pk]),
        reverse("approvals:trace", args=[row.pk]),
        STOPS,
    ]
    for address in pages:
        page = client.get(address).content
        assert page.count(b"data-stopper") == 1, address
        for kind in SwitchKind:
            assert f'name="kind" value="{kind.value}"'.encode() in page
    assert find_acting_nodes(client.get(STOPS).content) == []


def test_the_click_stops_and_shows_what_was_out(site, client):
    """KIL-01/02: one POST; the page that answers lists what ran, what is queued, and who stopped why."""
    submit_executed(site)
    queued = submit(site, changes={"numberofemployees": 300}, expected=None).request_id
    page = text_of(engage(client, site, reason="wrong numbers"))
    assert KillSwitch.objects.get(lifted_at=None).reason == "Drill: wrong numbers"
    assert "Everything is stopped" in page
    assert "Drill: wrong numbers" in page
    assert "Vera Viewer" in page
    assert counted("Done in the last 15 minutes", 1) in page
    assert counted("Waits", 1) in page
    assert get(queued).status == "approved"


def test_what_is_on_its_way_says_where_it_stands(site, client):
    """KIL-02: a request at a worker is listed with its recovery point."""
    request_id = submit(site).request_id
    claim_request(request_id=request_id, worker="test")
    page = text_of(engage(client, site))
    assert counted("Under way", 1) in page
    assert "nothing is sent yet" in page


def test_one_agent_is_stopped_by_name(site, client):
    engage(client, site, kind="agent", agent=str(site.world.agent.pk))
    switch = KillSwitch.objects.get()
    assert (switch.kind, switch.agent_id) == ("agent", site.world.agent.pk)
    assert "agent.enrichment is stopped" in text_of(client.get(reverse("approvals:inbox")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": ""},
        {"kind": "everything"},
        {"kind": "agent", "agent": ""},
        {"kind": "agent", "agent": "x"},
        {"preset": ""},
    ],
)
def test_what_names_nothing_stops_nothing(site, client, wrong):
    """Nobody stops everything by an empty form, and a stop says why."""
    assert "Nothing was stopped" in text_of(engage(client, site, **wrong))
    assert not KillSwitch.objects.exists()


def test_only_who_may_sees_the_panel_and_stops(site):
    """KIL-01: the panel is not drawn for others, and their click is refused."""
    viewer = log_in(make_login(site.world.workspace, "view_requests"))
    assert b"data-stopper" not in viewer.get(STOPS).content
    assert engage(viewer, site).status_code == 403
    assert viewer.post(QUARANTINE, {"reason": "x"}).status_code == 403
    assert Client().post(ENGAGE, {"kind": "all", "reason": "x"}).status_code == 302
    assert not KillSwitch.objects.exists()


def test_a_get_stops_nothing(client):
    assert client.get(ENGAGE).status_code == 405
    assert client.get(QUARANTINE).status_code == 405


def test_another_workspace_is_out_of_reach(site, client):
    make_workspace("elsewhere")
    answer = client.post(ENGAGE, {"workspace": "elsewhere", "kind": "all", "reason": "x"})
    assert answer.status_code == 404
    stranger = make_agent(make_workspace("third"), make_person("Other Owner"), name="agent.other")
    engage(client, site, kind="agent", agent=str(stranger.pk))
    assert not KillSwitch.objects.exists()
    assert "agent.other" not in client.get(STOPS).content.decode()


def test_the_queue_is_quarantined(site, client):
    """KIL-01: approved and not yet claimed becomes failed, for good; what was executed stays executed."""
    done = submit_executed(site)
    queued = submit(site, changes={"numberofemployees": 300}, expected=None).request_id
    waiting = submit_pending(site)
    page = text_of(client.post(QUARANTINE, {"reason": "poisoned source"}, follow=True))
    assert "1 put away, 0 left in the queue" in page
    row = get(queued)
    assert (row.status, row.status_code) == ("failed", "quarantined")
    assert (get(done.pk).status, get(waiting.pk).status) == ("executed", "pending")
    event = LedgerEvent.objects.filter(type="request.failed").get()
    assert '"code":"quarantined"' in bytes(event.body).decode()
    assert counted("Taken out by a stop in the last 15 minutes", 1) in page


def test_one_agents_queue_is_quarantined_alone(site, client):
    mine = submit(site).request_id
    other = make_agent(site.world.workspace, site.world.owner, name="agent.other")
    client.post(QUARANTINE, {"reason": "its prompt leaked", "agent": str(other.pk)})
    assert get(mine).status == "approved"
    client.post(QUARANTINE, {"reason": "its prompt leaked", "agent": str(site.world.agent.pk)})
    assert get(mine).status == "failed"


def test_quarantine_says_why(site, client):
    queued = submit(site).request_id
    assert "Nothing was put away" in text_of(client.post(QUARANTINE, {"reason": " "}, follow=True))
    assert AgentActionRequest.objects.get(pk=queued).status == "approved"


def test_the_page_takes_a_constant_number_of_statements(site, client, django_assert_max_num_queries):
    """However much was out."""
    submit_executed(site)
    make_switch(site.world.workspace, "all")
    client.get(STOPS)
    with django_assert_max_num_queries(13) as few:
        client.get(STOPS)
    KillSwitch.objects.all().delete()
    for number in range(4):
        submit(site, changes={"numberofemployees": 400 + number}, expected=None)
    make_switch(site.world.workspace, "all")
    with django_assert_max_num_queries(len(few) + 2):
        client.get(STOPS)


def test_who_may_only_stop_finds_the_page(site):
    """A person on call with nothing but the stop sees what is in force, not what agents wrote."""
    user = make_user(make_person("Otto Oncall"))
    allow(user, site.world.workspace, "engage_switches")
    submit(site)
    page = text_of(engage(log_in(user), site))
    assert "Everything is stopped" in page
    assert "Umicore" not in page


def test_the_queue_of_one_agent_can_be_put_away_from_the_page(site, client):
    """KIL-03: the agents of this workspace are offered, none of another one where the person may stop as well."""
    other = make_workspace("other")
    theirs = make_agent(other, name="agent.theirs")
    allow(User.objects.get(pk=client.session["_auth_user_id"]), other, *ALL)
    submit(site)
    page = text_of(client.get(STOPS, {"workspace": site.world.workspace.slug}))
    form = page[page.index('id="cs-quarantine"') :]
    assert f'<option value="{site.world.agent.pk}">agent.enrichment</option>' in form
    assert str(theirs.pk) not in form


def test_a_list_counts_no_further_than_it_must(site, client, monkeypatch):
    """KIL-02: the newest ten are shown, and how many there are is counted up to a bound."""
    monkeypatch.setattr("approvals.selectors.stops.SHOWN", 2)
    monkeypatch.setattr("approvals.selectors.stops.MOST_COUNTED", 3)
    for number in range(4):
        submit(site, changes={"numberofemployees": 400 + number}, expected=None)
    page = text_of(client.get(STOPS))
    assert counted("Waits", 3).replace("3<", "3+<") in page
    assert "The newest 2 of 3 and more" in page


def test_what_a_stop_took_out_is_found_by_its_own_index(site, client):
    """Not by reading all that was ever cancelled: the codes of the index are those that the page asks for."""
    index = next(index for index in AgentActionRequest._meta.indexes if index.name == "request_put_away")
    assert set(dict(index.condition.children)["status_code__in"]) == {f"switch_{kind}" for kind in SwitchKind} | {
        "quarantined"
    }
