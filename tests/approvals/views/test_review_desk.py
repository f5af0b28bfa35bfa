"""Hold, escalate, step, look, leaving soon: the pages, and who is refused (APR-03, APR-09, APR-14)."""

import pytest
from django.urls import reverse

from approvals.models import EscalationNote, Reservation, Snooze
from approvals.services.followers import follow_ledger
from audit.selectors.clock import get_now
from audit.services.sequence import sequence_pending
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, make_approver, submit, submit_pending, vote
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import allow, make_group, make_person, make_user
from tests.builders.outward import email_to, make_contact, make_sending_site, set_hold

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = '"><img src=x onerror=alert(1)></textarea><script>alert(1)</script>\u202e'
DEEDS = {"hold": {"until": "hour"}, "bring_back": {}, "escalate": {"note": "look"}, "look": {}}


@pytest.fixture
def site():
    return make_site()


def post(client, name, row, **data):
    return client.post(reverse(f"approvals:{name}", args=[row.pk]), data)


def test_only_reviewers_of_this_workspace_may(site):
    """IDN-07: for every deed the wrong role is refused, and the wrong workspace knows nothing of the request."""
    row, other = submit_pending(site), make_site("globex", agent_name="agent.other")
    people = (
        (make_login(site.world.workspace, "view_requests"), 403),
        (make_login(site.world.workspace, "publish_policy", "view_requests", name="Petra Policy"), 403),
        (make_login(None, name="Nora Nobody"), 404),
        (other.world.approver_user, 404),
    )
    for user, status in people:
        client = log_in(user)
        for name, data in DEEDS.items():
            assert post(client, name, row, **data).status_code == status, (name, user)
    reader = log_in(make_login(site.world.workspace, "view_requests", "review_requests", name="Ria Reviewer"))
    for name in ("hold", "escalate"):
        assert post(reader, name, row, **DEEDS[name]).status_code == 403, "in no group that decides it"
    for name in DEEDS:
        assert reader.get(reverse(f"approvals:{name}", args=[row.pk])).status_code == 405
    for user, status in ((people[2][0], 404), (people[3][0], 404)):
        for name in ("next", "previous"):
            assert log_in(user).get(reverse(f"approvals:{name}", args=[row.pk])).status_code == status
    assert not Snooze.objects.exists()
    assert not EscalationNote.objects.exists()


def test_lists_are_of_ones_own_workspace(site):
    """IDN-07: neither without a role nor for another workspace."""
    nobody = log_in(make_login(None, name="Nora Nobody"))
    other = make_site("globex", agent_name="agent.other")
    for name in ("leaving", "on_hold"):
        address = reverse(f"approvals:{name}")
        assert nobody.get(address).status_code == 403
        assert log_in(other.world.approver_user).get(address, {"workspace": "acme"}).status_code == 404
        assert (
            log_in(make_login(site.world.workspace, "engage_switches", name=f"S {name}")).get(address).status_code
            == 403
        )


def test_hold_goes_on_to_the_next_and_comes_back(site):
    row, following = submit_pending(site), submit_pending(site, correlation_id="run-2")
    client = log_in(site.world.approver_user)
    answer = post(client, "hold", row, until="hour")
    assert answer.url == reverse("approvals:review", args=[following.pk])
    assert "On hold for you until" in text_of(client.get(reverse("approvals:review", args=[row.pk])))
    page = text_of(client.get(reverse("approvals:on_hold")))
    assert "back in 59 min" in page
    assert post(client, "bring_back", row).status_code == 302
    assert "Nothing is on hold" in text_of(client.get(reverse("approvals:on_hold")))


def test_a_hold_without_a_moment_says_so(site):
    answer = post(log_in(site.world.approver_user), "hold", submit_pending(site), until="", moment="soon")
    assert (answer.status_code, "Choose a time that lies ahead" in text_of(answer)) == (422, True)


def test_escalating_shows_the_note_to_the_backup(site):
    chief = make_person("Cleo Chief")
    user = make_user(chief)
    allow(user, site.world.workspace, "view_requests", "review_requests")
    site.world.group.backup_group = make_group(site.world.workspace, "heads", chief)
    site.world.group.save()
    row = submit_pending(site)
    assert post(log_in(site.world.approver_user), "escalate", row, note=HOSTILE).status_code == 302
    answer = log_in(user).get(reverse("approvals:review", args=[row.pk]))
    assert "escalated it" in text_of(answer)
    assert "⟦U+202E⟧" in text_of(answer)
    assert find_acting_nodes(answer.content) == []


def test_the_second_to_open_it_reads_who_looks(site):
    """No item is served to two people at once without saying so."""
    _, second = make_approver(site, "Bo Second")
    row = submit_pending(site)
    address = reverse("approvals:review", args=[row.pk])
    assert "is looking at this" not in text_of(log_in(site.world.approver_user).get(address))
    assert "Rosa Revops is looking at this since" in text_of(log_in(second).get(address))
    told = post(log_in(site.world.approver_user), "look", row).json()
    assert ([item["name"] for item in told["others"]], told["is_open"]) == (["Bo Second"], True)
    vote(site, row)
    assert post(log_in(second), "look", row).json()["is_open"] is False


def test_who_may_not_decide_is_not_said_to_look(site):
    row = submit_pending(site)
    viewer = make_login(site.world.workspace, "view_requests")
    log_in(viewer).get(reverse("approvals:review", args=[row.pk]))
    assert not Reservation.objects.exists()


def test_the_next_one_served_is_one_that_nobody_has_open(site):
    _, second = make_approver(site, "Bo Second")
    rows = [submit_pending(site) for _ in range(3)]
    log_in(second).get(reverse("approvals:review", args=[rows[1].pk]))
    answer = log_in(site.world.approver_user).post(
        reverse("approvals:approve", args=[rows[0].pk]), {"digest": rows[0].digest}
    )
    assert answer.url == reverse("approvals:review", args=[rows[2].pk])


def test_stepping_keeps_the_filters_and_stops_at_the_ends(site):
    rows = [submit_pending(site) for _ in range(2)]
    client, query = log_in(site.world.approver_user), {"agent": "agent.enrichment"}

    def step(name, row):
        return client.get(reverse(f"approvals:{name}", args=[row.pk]), query).url

    assert step("next", rows[0]) == f"{reverse('approvals:review', args=[rows[1].pk])}?agent=agent.enrichment"
    assert step("previous", rows[1]).startswith(reverse("approvals:review", args=[rows[0].pk]))
    assert step("next", rows[1]).startswith(reverse("approvals:review", args=[rows[1].pk]))
    assert "It is the last one." in text_of(client.get(reverse("approvals:review", args=[rows[1].pk])))


def test_the_agents_record_on_the_field_is_shown(site):
    first, second = submit_pending(site), submit_pending(site)
    address = reverse("approvals:review", args=[submit_pending(site).pk])
    client = log_in(site.world.approver_user)
    assert "nobody has decided one before" in text_of(client.get(address))
    vote(site, first)
    vote(site, second, verdict="deny", reason="no")
    sequence_pending(now=get_now())
    follow_ledger()
    page = text_of(client.get(address))
    assert "50 % accepted, of the last 2 that people decided" in page
    assert reverse("approvals:trace", args=[second.pk]) in page


def test_what_leaves_soon_is_kept_back_with_a_reason():
    """APR-14: from the list and from the request's own page; the agent is told."""
    site = make_sending_site()
    set_hold(site, "send_email", 600)
    rows = [get(submit(site, **email_to(make_contact(site, email=f"j{n}@acme.example"))).request_id) for n in range(2)]
    for row in rows:
        vote(site, row)
        assert execute(row.pk) == "held"
    client = log_in(site.world.approver_user)
    page = text_of(client.get(reverse("approvals:leaving")))
    assert page.count("Do not send it") == 2
    assert "leaves in" in page
    assert "It leaves in" in text_of(client.get(reverse("approvals:review", args=[rows[0].pk])))
    answer = post(client, "cancel", rows[0], reason="the contract is signed", back="leaving")
    assert answer.url.startswith(reverse("approvals:leaving"))
    assert (get(rows[0].pk).status, get(rows[0].pk).status_code) == ("cancelled", "cancelled_by_person")
    assert text_of(client.get(reverse("approvals:leaving"))).count("Do not send it") == 1
    viewer = log_in(make_login(site.world.workspace, "view_requests"))
    assert "Do not send it" not in text_of(viewer.get(reverse("approvals:leaving")))
    assert post(viewer, "cancel", rows[1]).status_code == 403
    assert get(rows[1].pk).status == "held"
