"""Circuit breakers end to end: bad figures stop a class of action, probes try it out, people reset it (LIM-04)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.domain.withdrawn import JUDGED_ANEW
from approvals.models import AgentActionRequest, Attempt, DeliveryReport
from approvals.services import gathering
from approvals.services.claim import claim_request
from approvals.services.recovery import before_step, commit_before_read
from approvals.services.second_gate import pass_second_gate
from approvals.services.watch import watch
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.models import Breaker, BreakerState, BudgetCounter
from governance.selectors.access import NotAllowedError
from governance.selectors.controls import gather_controls
from governance.services.breakers import BreakerError, reset_breaker
from tests.approvals.faults.test_races import together
from tests.builders.api import make_site, propose
from tests.builders.approvals import execute, get, submit, submit_executed, submit_pending, vote
from tests.builders.governance import allow, make_breaker, make_person, make_user, publish
from tests.builders.outward import call_of, make_contact, make_sending_site

pytestmark = pytest.mark.django_db

UNKNOWN_VALUE = {"changes": {"numberofemployees": "many"}, "expected": None}
"""Denied: `validation_failed`."""


def watched_site(**breaker):
    site = make_site()
    make_breaker(site.world.workspace, site.world.owner, **breaker)
    publish(site.world)
    return site


def state():
    return BreakerState.objects.get()


def trip(site, **ago):
    """As if it had opened then."""
    BreakerState.objects.update_or_create(
        workspace=site.world.workspace, name="watched", defaults={"opened_at": get_now() - timedelta(**ago)}
    )


def events(kind):
    return LedgerEvent.objects.filter(type=kind).count()


def fail_attempts(*requests):
    Attempt.objects.filter(request__in=requests).update(error_code="timeout")


class TestOpening:
    def test_denials_open_it_and_the_next_proposal_is_told_when_to_come_back(self):
        site = watched_site(signal="denials", min_calls=4, ratio=0.75)
        submit(site)
        for _ in range(3):
            assert submit(site, **UNKNOWN_VALUE).status_code == "validation_failed"

        assert watch(now=get_now()) == 1

        answer = propose(site)
        assert (answer["status"], answer["status_code"]) == ("denied", "breaker_open")
        assert 0 < answer["decision"]["retry_after_seconds"] <= 300
        assert "the circuit breaker `watched` stopped this" in answer["decision"]["reasons"][0]["message"]
        assert state().why == "3 of 4 decisions were denials; it trips at 75%, from 4 on"
        assert events("breaker.opened") == 1

    def test_failed_attempts_open_it_and_conflicts_do_not(self):
        site = watched_site(signal="errors", min_calls=2, ratio=0.5)
        first, second = submit_executed(site), submit_executed(site, changes={"country": "Norway"}, expected=None)
        AgentActionRequest.objects.filter(pk=first.pk).update(status_code="drift")
        assert watch(now=get_now()) == 0
        assert (state().calls, state().bad) == (2, 0)

        fail_attempts(first, second)

        assert watch(now=get_now()) == 1
        assert submit(site).status_code == "breaker_open"

    @pytest.mark.parametrize("code", sorted(JUDGED_ANEW))
    def test_what_the_second_gate_gave_back_is_no_call_of_the_crm(self, code):
        site = watched_site(signal="errors", min_calls=1, ratio=0.1)
        Attempt.objects.filter(request=submit_executed(site)).update(error_code=code)
        assert watch(now=get_now()) == 0
        assert (state().calls, state().bad) == (0, 0)

    def test_spend_opens_it(self):
        site = watched_site(signal="spend", ratio=0.0, amount=1_000_000, currency="EUR", min_calls=1)
        usage = {"tokens": 5, "spend_micros": 600_000, "currency": "EUR"}
        submit(site, usage=usage)
        submit(site, usage={**usage, "currency": "USD"}, changes={"country": "Norway"}, expected=None)
        assert watch(now=get_now()) == 0

        submit(site, usage=usage, changes={"country": "Sweden"}, expected=None)

        assert watch(now=get_now()) == 1
        assert state().why.startswith("1.20 EUR spent, 1.00 allowed")

    @pytest.mark.parametrize("kind", ["bounce", "complaint"])
    def test_reports_about_messages_open_it(self, kind):
        site = make_sending_site(risk_tier="autonomous")
        make_breaker(
            site.world.workspace,
            site.world.owner,
            signal=f"{kind}s",
            actions=["push_to_dialer"],
            min_calls=1,
            ratio=0.5,
        )
        publish(site.world)
        contact = make_contact(site)
        request = submit_executed(site, **call_of(contact))
        assert watch(now=get_now()) == 0

        DeliveryReport.objects.create(request=request, kind=kind, reported_at=get_now(), reported_by="integration.mail")

        assert watch(now=get_now()) == 1
        assert submit(site).status == "approved", "another class of action goes on"
        assert submit(site, **call_of(contact)).status_code == "breaker_open"

    def test_what_a_stop_or_a_limit_refused_is_no_sign_of_a_bad_agent(self):
        site = watched_site(signal="denials", min_calls=1, ratio=0.5)
        submit(site, **UNKNOWN_VALUE)
        AgentActionRequest.objects.update(status_code="budget_exhausted")

        assert watch(now=get_now()) == 0
        assert state().calls == 0

    def test_two_looks_at_once_open_it_once(self):
        site = watched_site(signal="denials", min_calls=1, ratio=0.5)
        submit(site, **UNKNOWN_VALUE)

        assert [watch(now=get_now()) for _ in range(2)] == [1, 0]
        assert events("breaker.opened") == 1

    @pytest.mark.parametrize("scope", [{"environment": "production"}, {"actions": ["create"]}])
    def test_it_stops_what_it_watches_and_nothing_else(self, scope):
        site = watched_site(**scope)
        trip(site)
        assert submit(site).status == "approved"

    def test_as_many_queries_for_twelve_breakers_as_for_two(self):
        site = watched_site()
        counts = []
        for number, action in enumerate(ACTIONS):
            make_breaker(
                site.world.workspace, site.world.owner, name=f"more-{number}", signal="errors", actions=[action]
            )
            if number in (1, len(ACTIONS) - 1):
                publish(site.world)
                watch(now=get_now())
                with CaptureQueriesContext(connection) as queries:
                    watch(now=get_now())
                counts.append(len(queries))
        assert counts[0] == counts[1]


ACTIONS = [
    *("update", "create", "delete", "create_task", "create_note", "draft", "queue", "send_email", "enroll_sequence"),
    *("create_meeting", "push_to_dialer", "export"),
]


class TestStopping:
    def test_what_was_approved_before_waits_while_it_is_open_and_goes_on_after_a_reset(self):
        site = watched_site()
        submission = submit(site)
        trip(site)

        assert execute(submission.request_id) == "approved"
        request = get(submission.request_id)
        assert request.not_before <= get_now() + timedelta(seconds=31)

        BreakerState.objects.update(opened_at=None)
        AgentActionRequest.objects.update(not_before=None)
        assert execute(submission.request_id) == "executed"

    def test_a_breaker_that_opens_between_claim_and_call_cancels_like_a_kill_switch(self):
        site = watched_site()
        submission = submit(site)
        claim = claim_request(request_id=submission.request_id, worker="test")
        commit_before_read([before_step(claim, before={}, version="", guarantee="A")])
        trip(site)

        assert not pass_second_gate([claim])

        request = get(submission.request_id)
        assert (request.status, request.status_code) == ("cancelled", "breaker_open")

    def test_what_waits_for_a_person_waits_on_after_their_yes(self):
        site = watched_site()
        request = submit_pending(site)
        trip(site)
        vote(site, request)

        assert execute(request.pk) == "approved"

    def test_breakers_that_cannot_be_read_deny(self):
        """Fail closed."""
        site = watched_site()
        trip(site)
        BreakerState.objects.update(name="no name at all")
        assert submit(site).status_code == "check_failed"

    def test_switches_and_breakers_that_cannot_be_read_count_as_engaged(self, monkeypatch):
        def fail(**_):
            raise RuntimeError("gone")

        monkeypatch.setattr(gathering, "get_switch_facts", fail)
        assert gathering.read_switches(workspace_id=None, agent_id=None).breakers is None


class TestTryingOut:
    def test_time_alone_lets_so_many_probes_through(self):
        site = watched_site(probes=2)
        trip(site, seconds=300)

        codes = [submit(site, **change(number)).status_code for number in range(4)]

        assert codes == ["", "", "breaker_open", "breaker_open"]

    def test_a_breaker_named_like_its_workspace_counts_its_own_probes(self):
        """Counters are found by the value of their key: a name must not stand for another's."""
        site = watched_site(name="acme", probes=1)
        trip(site, seconds=300)
        BreakerState.objects.update(name="acme")

        assert [submit(site, **change(number)).status_code for number in range(2)] == ["", "breaker_open"]

    def test_good_probes_close_it(self):
        site = watched_site(probes=2)
        trip(site, seconds=300)
        for number in range(2):
            assert execute(submit(site, **change(number)).request_id) == "executed"

        assert watch(now=get_now()) == 1

        assert state().opened_at is None
        assert (events("breaker.half_opened"), events("breaker.closed")) == (1, 1)
        assert submit(site, **change(7)).status == "approved"

    def test_one_bad_probe_opens_it_again(self):
        site = watched_site(probes=2)
        trip(site, seconds=300)
        request = get(submit(site).request_id)
        execute(request.pk)
        fail_attempts(request)

        assert watch(now=get_now()) == 1

        assert state().opened_at > get_now() - timedelta(minutes=1)
        assert submit(site).status_code == "breaker_open"

    def test_a_probe_that_never_happens_gives_its_place_back(self):
        site = watched_site(probes=1)
        trip(site, seconds=300)
        request = submit_pending(site)
        assert submit(site).status_code == "breaker_open"

        vote(site, request, verdict="deny", reason="no")

        assert submit(site).status == "approved"

    def test_what_was_approved_before_takes_a_probe_at_its_claim(self):
        site = watched_site(probes=1)
        first, second = submit(site), submit(site, **change(1))
        trip(site, seconds=300)

        assert [execute(item.request_id) for item in (first, second)] == ["executed", "approved"]

    @pytest.mark.django_db(transaction=True)
    def test_fifty_at_once_get_no_more_probes_than_there_are(self):
        """LIM-03, LIM-04: exactly N, under any interleaving."""
        site = watched_site(probes=7)
        trip(site, seconds=300)

        answers = together(*[lambda: submit(site)] * 50)

        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        codes = [answer.status_code for answer in answers]
        assert (codes.count(""), codes.count("breaker_open")) == (7, 43)
        assert BudgetCounter.objects.get(key="probes").used == 7


class TestPeople:
    def reset(self, user, reason="the provider mended it"):
        actor = Actor("human", "rosa")
        reset_breaker(state_id=state().pk, reason=reason, user_id=user.pk, actor=actor, now=get_now())

    def test_a_reset_closes_it_and_counting_begins_anew(self):
        site = watched_site(signal="denials", min_calls=1, ratio=0.5)
        submit(site, **UNKNOWN_VALUE)
        watch(now=get_now())
        allow(site.world.approver_user, site.world.workspace, "lift_switches")

        self.reset(site.world.approver_user)

        assert watch(now=get_now()) == 0
        assert submit(site).status == "approved"
        assert events("breaker.reset") == 1

    def test_it_takes_the_permission_a_reason_and_an_open_breaker(self):
        site = watched_site()
        trip(site)
        with pytest.raises(NotAllowedError):
            self.reset(make_user(make_person("Stranger")))
        user = site.world.approver_user
        allow(user, site.world.workspace, "lift_switches")
        with pytest.raises(BreakerError, match="say why"):
            self.reset(user, reason=" ")
        self.reset(user)
        with pytest.raises(BreakerError, match="closed already"):
            self.reset(user)
        assert events("breaker.reset") == 1

    def test_one_that_policy_names_no_more_is_closed(self):
        site = watched_site()
        trip(site)
        Breaker.objects.update(is_active=False)
        publish(site.world)
        assert submit(site).status == "approved"
        assert watch(now=get_now()) == 1
        assert events("breaker.closed") == 1

    def test_autonomous_requires_a_breaker_for_all_that_the_agent_may_do(self):
        """PRM-08"""
        site = watched_site(actions=["update"])
        assert not breaker_control(site).is_live
        assert "create" in breaker_control(site).words
        Breaker.objects.update(actions=[])
        publish(site.world)
        assert breaker_control(site).is_live


def breaker_control(site):
    return next(item for item in gather_controls(site.world.agent.pk) if item.control == "breaker")


def change(number):
    return {"changes": {"numberofemployees": 700 + number}, "expected": None}
