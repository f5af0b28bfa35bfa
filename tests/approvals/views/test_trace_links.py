"""A link to one trace for somebody without a login: one page, for a while, every opening on record (AUD-03)."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from guardian.shortcuts import remove_perm

from approvals.models import TraceLink
from approvals.services.sweep import sweep
from approvals.services.trace_links import SLICE, tell_openings
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import Person, User
from tests.approvals.faults.test_fail_closed import ledger_unwritable
from tests.builders.api import make_site
from tests.builders.approvals import submit_executed
from tests.builders.console import find_acting_nodes, log_in, make_login, text_of
from tests.builders.governance import allow, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)


def share(site, request, **form):
    """The address as it was told, and the login that made it."""
    user = make_login(site.world.workspace, "view_requests", "view_ledger", name="Alma Auditor")
    client = log_in(user)
    answer = client.post(f"/requests/{request.pk}/share/", {"note": "KPMG", "days": "7", **form}, follow=True)
    found = re.search(r"/shared/[A-Za-z0-9_.\-]+/", text_of(answer))
    return (found.group() if found else ""), client


def opened():
    return LedgerEvent.objects.filter(type="trace_link.opened").count()


def test_whoever_has_the_link_reads_that_one_trace_and_presses_nothing():
    """AUD-03: no login, no session, no form, nothing kept by browsers or found by search engines."""
    site = make_site()
    request = submit_executed(site)
    address, _ = share(site, request)
    visitor = Client()
    page = visitor.get(address)
    text = text_of(page)
    assert "Seven questions" in text
    assert "Umicore" in text or "numberofemployees" in text
    assert "<form" not in text
    assert 'href="/requests' not in text
    assert not visitor.cookies
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Cache-Control"] == "no-store"
    assert not find_acting_nodes(page.content)
    assert opened() == 1
    assert visitor.get(f"/requests/{request.pk}/").status_code == 302
    event = LedgerEvent.objects.get(type="trace_link.made")
    token = address.split("/")[2]
    assert token.split(".")[0] not in bytes(event.body).decode() + str(TraceLink.objects.values().get())


def test_what_is_over_revoked_or_bent_does_not_exist():
    """AUD-03: 404 for each, and nothing is recorded as opened."""
    site = make_site()
    request = submit_executed(site)
    address, client = share(site, request)
    visitor = Client()
    for bent in (address[:-2] + "x/", address.replace("/shared/", "/shared/x"), "/shared/x/", "/shared/a.b/"):
        assert visitor.get(bent).status_code == 404
    link = TraceLink.objects.get()
    TraceLink.objects.update(made_at=get_now() - timedelta(days=9), expires_at=get_now() - timedelta(seconds=1))
    assert visitor.get(address).status_code == 404
    TraceLink.objects.update(expires_at=get_now() + timedelta(days=1))
    assert visitor.get(address).status_code == 200
    client.post(f"/requests/{request.pk}/share/{link.pk}/revoke/")
    assert visitor.get(address).status_code == 404
    assert opened() == 1
    assert LedgerEvent.objects.filter(type="trace_link.revoked").count() == 1


@pytest.mark.parametrize("form", [{"days": "0"}, {"days": "31"}, {"days": "x"}, {"days": "²"}, {"note": " "}])
def test_a_link_without_an_end_or_a_reader_is_not_made(form):
    """AUD-03: a link holds for a month at most, and says for whom it is."""
    site = make_site()
    address, _ = share(site, submit_executed(site), **form)
    assert address == ""
    assert not TraceLink.objects.exists()


def test_only_who_reads_the_ledger_makes_and_revokes_links():
    """AUD-03, IDN-07: a reviewer is refused, and another workspace's auditor finds no such request."""
    site = make_site()
    request = submit_executed(site)
    share(site, request)
    link = TraceLink.objects.get()
    reviewer = log_in(make_login(site.world.workspace, "view_requests", "review_requests", name="Rita Reviewer"))
    stranger = log_in(make_login(make_workspace("other"), "view_requests", "view_ledger", name="Otto Other"))
    for client, status in ((reviewer, 403), (stranger, 404)):
        assert client.post(f"/requests/{request.pk}/share/", {"note": "me", "days": "1"}).status_code == status
        assert client.post(f"/requests/{request.pk}/share/{link.pk}/revoke/").status_code == status
    assert TraceLink.objects.filter(revoked_at__isnull=True).count() == 1


def openings():
    """What the ledger says, event by event."""
    events = LedgerEvent.objects.filter(type="trace_link.opened").order_by("id")
    return [json.loads(bytes(event.body))["data"]["openings"] for event in events]


def lose_right(user, workspace):
    remove_perm("governance.view_ledger", user, workspace)


def lose_login(user, _workspace):
    User.objects.filter(pk=user.pk).update(is_active=False)


def leave(user, _workspace):
    Person.objects.filter(pk=user.person_id).update(is_active=False)


@pytest.mark.parametrize("end", [lose_right, lose_login, leave])
def test_a_link_ends_with_its_makers_right_to_what_it_shows(end):
    """AUD-03, IDN-07: whoever may not read the ledger any more lends that to nobody; the page says so to who may."""
    site = make_site()
    request = submit_executed(site)
    address, _ = share(site, request)
    assert Client().get(address).status_code == 200
    end(User.objects.get(person__name="Alma Auditor"), site.world.workspace)

    assert Client().get(address).status_code == 404
    assert TraceLink.objects.get().openings == 1
    other = log_in(make_login(site.world.workspace, "view_requests", "view_ledger", name="Boris Auditor"))
    assert "Alma Auditor may not read the ledger any more" in text_of(other.get(f"/requests/{request.pk}/"))


def test_a_right_in_another_workspace_keeps_no_link_open():
    """AUD-03, IDN-07: the right is the one in the request's own workspace."""
    site = make_site()
    address, _ = share(site, submit_executed(site))
    user = User.objects.get(person__name="Alma Auditor")
    allow(user, make_workspace("other"), "view_ledger")
    lose_right(user, site.world.workspace)
    assert Client().get(address).status_code == 404


def test_every_opening_is_counted_and_no_reader_can_fill_the_ledger():
    """AUD-03: the first is told at once, those of the next minutes together; none is left out."""
    site = make_site()
    request = submit_executed(site)
    address, client = share(site, request)
    for _ in range(5):
        assert Client().get(address).status_code == 200
    assert openings() == [1]
    assert "opened 5 times" in text_of(client.get(f"/requests/{request.pk}/"))

    TraceLink.objects.update(told_at=get_now() - SLICE)
    Client().get(address)
    assert openings() == [1, 5]
    Client().get(address)
    assert tell_openings(now=get_now(), limit=10) == 0
    assert tell_openings(now=get_now() + SLICE, limit=10) == 1
    assert openings() == [1, 5, 1]
    assert sum(openings()) == TraceLink.objects.get().openings == 7


def test_the_sweep_tells_what_was_only_counted():
    """AUD-03: also of a link that is over by then."""
    site = make_site()
    address, _ = share(site, submit_executed(site))
    for _ in range(3):
        Client().get(address)
    earlier = get_now() - timedelta(days=9)
    TraceLink.objects.update(made_at=earlier, told_at=earlier, expires_at=get_now() - timedelta(days=1))
    sweep(now=get_now())
    assert openings() == [1, 2]


def test_an_opening_that_cannot_be_recorded_shows_nothing():
    """AUD-08: unrecorded nobody reads."""
    site = make_site()
    address, _ = share(site, submit_executed(site))
    with ledger_unwritable():
        assert Client().get(address).status_code == 503
    assert TraceLink.objects.get().openings == 0
