"""What a person finds: their inbox and the whole story of a request (APR-03, APR-05, AUD-03)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.selectors.inbox import find_waiting, list_inbox
from approvals.selectors.trace import get_trace
from governance.models import Membership
from tests.builders.api import make_site
from tests.builders.approvals import execute, get, make_approver, submit, submit_pending, vote
from tests.builders.governance import make_group, make_person, stray_id

pytestmark = pytest.mark.django_db


def inbox(site, person=None, **more):
    return list_inbox(workspace_id=site.world.workspace.pk, person_id=(person or site.world.approver).pk, **more)


def test_the_inbox_holds_what_waits_for_me_oldest_first():
    site = make_site()
    requests = [submit_pending(site).pk for _ in range(3)]
    submit(site)

    assert [row.pk for row in inbox(site).requests] == requests
    assert len(find_waiting(workspace_id=site.world.workspace.pk, person_id=site.world.approver.pk)) == 3


def test_pages_go_on_where_the_last_one_ended():
    site = make_site()
    requests = [submit_pending(site).pk for _ in range(3)]

    first = inbox(site, limit=2)
    second = inbox(site, limit=2, after=first.after)

    assert [row.pk for row in (*first.requests, *second.requests)] == requests
    assert second.after == ""


def test_the_inbox_is_empty_for_others_for_owners_and_after_my_vote():
    site = make_site()
    request = submit_pending(site)
    other = make_person("Otto Outsider")
    make_group(site.world.workspace, "sales-ops", other)
    Membership.objects.create(group=site.world.group, person=site.world.owner)
    colleague, _ = make_approver(site, "Bo Second")

    assert inbox(site, other).requests == ()
    assert inbox(site, site.world.owner).requests == ()
    assert len(inbox(site, colleague).requests) == 1
    vote(site, request)
    assert inbox(site).requests == ()


def test_the_inbox_of_another_workspace_shows_nothing():
    site, other = make_site(), make_site("globex", agent_name="agent.other")
    submit_pending(site)

    assert inbox(other).requests == ()


def test_the_trace_tells_the_whole_story_in_five_queries():
    """AUD-03."""
    site = make_site()
    request = submit_pending(site)
    vote(site, request)
    execute(request.pk)

    with CaptureQueriesContext(connection) as captured:
        trace = get_trace(request_id=request.pk)
        assert trace.request.agent.owner.name == "Olga Owner"
        assert trace.request.policy_version.number == 1
        assert trace.votes[0].person == site.world.approver

    assert len(captured) == 5
    assert [event.type for event in trace.events] == [
        "request.received",
        "request.decided",
        "request.voted",
        "request.approved",
        "request.claimed",
        "request.record_read",
        "request.sent",
        "request.verified",
        "request.executed",
    ]
    assert [attempt.point for attempt in trace.attempts] == ["recorded"]


def test_an_agent_sees_no_trace_but_its_own():
    site, other = make_site(), make_site("globex", agent_name="agent.other")
    request = get(submit(site).request_id)

    assert get_trace(request_id=request.pk, agent_id=other.world.agent.pk) is None
    assert get_trace(request_id=stray_id()) is None
