"""Exceptions from the ledger: every failed action is counted on one open case of its cause (EXC-01)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.domain.status import Status
from approvals.models import AgentActionRequest, ExceptionCase
from approvals.services.events import request_event, system
from approvals.services.exception_settling import settle_case
from approvals.services.followers import FOLLOWINGS
from approvals.services.transition import advance
from approvals.services.watch import watch
from audit.domain.event import Actor
from audit.models import Follower, LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import append_event
from governance.models import KillSwitch
from governance.services.switches import engage_switch
from tests.approvals.faults.test_races import together
from tests.builders.api import make_site
from tests.builders.approvals import get, submit, submit_pending, vote
from tests.builders.audit import fill_ledger
from tests.builders.exceptions import DENIED, make_case, take_news
from tests.builders.governance import make_breaker, make_workspace, publish

pytestmark = pytest.mark.django_db


def opened():
    return LedgerEvent.objects.filter(type="exception.opened").count()


def close(case):
    settle_case(case_id=case.pk, now=get_now())


class TestDenials:
    def test_like_denials_are_one_case_with_a_count_and_both_ends_of_time(self):
        site = make_site()
        requests = [submit(site, **DENIED).request_id for _ in range(7)]

        take_news(limit=3)

        case = ExceptionCase.objects.get()
        rows = list(AgentActionRequest.objects.filter(pk__in=requests).order_by("id"))
        assert (case.kind, case.code, case.field) == ("denied_by_rule", "validation_failed", "numberofemployees")
        assert (case.agent_id, case.object_type, case.count) == (site.world.agent.pk, "companies", 7)
        assert abs(case.first_seen_at - rows[0].created_at) < timedelta(seconds=1)
        assert case.last_seen_at > case.first_seen_at
        assert set(case.links.values_list("request", flat=True)) == set(requests)
        assert opened() == 1

    def test_the_sample_keeps_the_first_few_and_the_newest(self):
        site = make_site()
        requests = [submit(site, **DENIED).request_id for _ in range(31)]

        take_news(limit=20)

        case = ExceptionCase.objects.get()
        assert case.count == 31
        kept = list(case.links.order_by("id").values_list("request", flat=True))
        assert kept[:5] == requests[:5]
        assert kept[5:] == requests[11:]

    def test_another_field_code_or_agent_is_another_case(self):
        site = make_site()
        submit(site, **DENIED)
        submit(site, changes={"country": 5}, expected=None)
        other = make_site("globex", agent_name="agent.other")
        submit(other, **DENIED)

        take_news()

        found = {(case.agent.name, case.code, case.field) for case in ExceptionCase.objects.select_related("agent")}
        assert ("agent.enrichment", "validation_failed", "numberofemployees") in found
        assert ("agent.enrichment", "validation_failed", "country") in found
        assert ("agent.other", "validation_failed", "numberofemployees") in found
        denied = AgentActionRequest.objects.filter(status="denied").count()
        assert sum(ExceptionCase.objects.values_list("count", flat=True)) == denied

    def test_the_next_after_closing_opens_a_new_case_that_names_the_earlier(self):
        site = make_site()
        submit(site, **DENIED)
        take_news()
        first = ExceptionCase.objects.get()
        close(first)

        submit(site, **DENIED)
        take_news()

        second = ExceptionCase.objects.exclude(pk=first.pk).get()
        assert (second.previous_id, second.count, opened()) == (first.pk, 1, 2)
        first.refresh_from_db()
        assert first.count == 1

    def test_what_a_person_denied_and_what_was_allowed_is_no_exception(self):
        site = make_site()
        submit(site)
        vote(site, submit_pending(site), verdict="deny", reason="no")

        take_news()

        assert not ExceptionCase.objects.exists()

    def test_as_many_queries_for_forty_like_denials_as_for_two(self):
        counts = []
        site = make_site()
        for number in (2, 2, 40):
            for _ in range(number):
                submit(site, **DENIED)
            with CaptureQueriesContext(connection) as queries:
                take_news()
            counts.append(len(queries))
        assert counts[2] <= counts[1] + 1, "a full sample is trimmed"


def step(row, expected, new, code, event):
    assert advance(request_id=row.pk, expected=expected, new=new, code=code, now=get_now(), event=event)


def move(row, status, code, type_):
    """As a worker settles it."""
    event = request_event(row, type_, system("test"), data={"code": code})
    if row.status == "approved":
        claimed = request_event(row, "request.claimed", system("test"), data={})
        advance(
            request_id=row.pk, expected=Status.APPROVED, new=Status.EXECUTING, code="", now=get_now(), event=claimed
        )
    advance(
        request_id=row.pk,
        expected=Status(get(row.pk).status),
        new=Status(status),
        code=code,
        now=get_now(),
        event=event,
    )
    return get(row.pk)


class TestWhatExecutionFound:
    def test_conflicts_and_failures_are_grouped_by_agent_and_code(self):
        site = make_site()
        for _ in range(2):
            move(get(submit(site).request_id), "conflict", "drift", "request.conflicted")
            move(get(submit(site).request_id), "failed", "rejected", "request.failed")

        take_news()

        found = sorted(ExceptionCase.objects.values_list("kind", "code", "count"))
        assert found == [("conflict", "drift", 2), ("failed", "rejected", 2)]

    def test_a_stale_expectation_is_a_conflict_on_its_field(self):
        site = make_site()
        assert submit(site, expected={"numberofemployees": 99}).status == "conflict"

        take_news()

        case = ExceptionCase.objects.get()
        assert (case.kind, case.code, case.field) == ("conflict", "stale_expectation", "numberofemployees")

    def test_each_unknown_outcome_is_a_case_until_it_is_known(self):
        site = make_site()
        row = move(get(submit(site).request_id), "unknown", "worker_lost", "request.outcome_unknown")
        take_news()
        case = ExceptionCase.objects.get()
        assert (case.kind, case.subject, case.code, case.count) == ("unknown_outcome", str(row.pk), "worker_lost", 1)

        move(row, "executed", "", "request.executed")
        take_news()

        case.refresh_from_db()
        assert (case.state, case.outcome) == ("closed", "settled")
        assert case.alarm_at is None
        assert LedgerEvent.objects.filter(type="exception.closed", subject_id=str(case.pk)).count() == 1

    def test_that_a_person_must_look_is_told_on_the_same_case(self):
        site = make_site()
        row = move(get(submit(site).request_id), "unknown", "worker_lost", "request.outcome_unknown")
        append_event(
            request_event(row, "request.outcome_unknown", system("w"), data={"code": "needs_person"}), now=get_now()
        )

        take_news()

        case = ExceptionCase.objects.get()
        assert (case.code, case.count) == ("needs_person", 1)

    def test_known_and_unknown_again_in_one_turn_stays_open(self):
        site = make_site()
        row = move(get(submit(site).request_id), "unknown", "worker_lost", "request.outcome_unknown")
        row = move(row, "approved", "not_applied", "request.released")
        move(row, "unknown", "worker_lost", "request.outcome_unknown")

        take_news()

        case = ExceptionCase.objects.get()
        assert (case.state, case.count) == ("open", 2)


class TestStops:
    def test_a_breaker_that_trips_is_a_case_of_its_own(self):
        site = make_site()
        make_breaker(site.world.workspace, site.world.owner, signal="denials", min_calls=1, ratio=0.5)
        publish(site.world)
        submit(site, **DENIED)
        watch(now=get_now())

        take_news()

        case = ExceptionCase.objects.get(kind="breaker_trip")
        assert (case.subject, case.code, case.workspace_id) == ("watched", "denials", site.world.workspace.pk)

    @pytest.mark.parametrize(("actor", "count"), [(Actor("system", "anomaly"), 1), (Actor("human", "rosa"), 0)])
    def test_an_agent_stopped_by_its_own_figures_is_a_case_and_a_persons_stop_is_none(self, actor, count):
        site = make_site()
        agent = site.world.agent
        engage_switch(
            workspace_id=agent.workspace_id, kind="agent", agent_id=agent.pk, reason="x", actor=actor, now=get_now()
        )
        assert KillSwitch.objects.exists()

        take_news()

        assert ExceptionCase.objects.filter(kind="agent_stopped", agent=agent).count() == count


@pytest.mark.django_db(transaction=True)
def test_many_who_open_the_same_at_once_open_one_and_count_every_one():
    workspace = make_workspace()

    together(*[lambda: [make_case(workspace) for _ in range(5)] for _ in range(4)])

    case = ExceptionCase.objects.get()
    assert (case.count, opened()) == (20, 1)


@pytest.mark.django_db(transaction=True)
def test_many_followers_at_once_count_each_denial_once():
    site = make_site()
    for _ in range(12):
        submit(site, **DENIED)

    together(*[lambda: take_news(limit=2) for _ in range(4)])

    assert ExceptionCase.objects.get().count == 12


def test_an_event_about_nothing_that_is_there_stops_no_follower():
    fill_ledger(3, type="request.failed")
    take_news()
    assert not ExceptionCase.objects.exists()
    assert Follower.objects.get(pk="exceptions").next_leaf == 3
    assert "exceptions" in {following.name for following in FOLLOWINGS}
