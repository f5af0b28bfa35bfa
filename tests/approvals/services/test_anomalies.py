"""The hard stop: an agent that is unlike itself is stopped during the burst, and by people alone goes on (LIM-05)."""

import json
from datetime import timedelta

import pytest

from approvals.models import AgentActionRequest
from approvals.selectors.habits import count_recent
from approvals.services import budget_facts
from approvals.services.anomaly_stop import stop_agent
from approvals.services.batch import submit_batch
from approvals.services.watch import watch
from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.anomaly import Finding
from governance.models import AgentBaseline, AgentHabit, Anomaly, BudgetCounter, KillSwitch
from governance.services.switches import engage_switch, lift_switch
from tests.approvals.faults.test_races import together
from tests.builders.api import make_site, propose
from tests.builders.approvals import execute, make_principal, make_proposed, submit, submit_pending, vote
from tests.builders.console import make_login
from tests.builders.crm_connectors import make_record
from tests.builders.governance import make_agent, make_anomaly, publish
from tests.builders.outward import enrolment_of, make_contact, make_sending_site, make_sequence

pytestmark = pytest.mark.django_db


def lined_site(floor=5, **changes):
    """One line, of a day unless said otherwise: no test waits for a minute to begin."""
    site = make_site()
    make_anomaly(site.world.workspace, floor, **{"window": "day", **changes})
    publish(site.world)
    return site


def number(value):
    return {"changes": {"numberofemployees": value}, "expected": None}


def stops():
    return list(KillSwitch.objects.filter(lifted_at__isnull=True).values_list("kind", "engaged_by", "reason"))


def lift_all(site):
    """Two people let every stopped agent go on."""
    first, second = (
        make_login(site.world.workspace, "lift_switches", name=name).person_id for name in ("Lena Lift", "Lou Lift")
    )
    for switch in KillSwitch.objects.filter(lifted_at__isnull=True):
        lift_switch(
            switch_id=switch.pk,
            reason="it was a campaign",
            proposed_by=first,
            countersigned_by=second,
            actor=Actor("human", str(second)),
            now=get_now(),
        )


def usual(site, per_hour):
    AgentBaseline.objects.update_or_create(
        agent=site.world.agent, defaults={"per_hour": per_hour, "known_since": get_now(), "computed_at": get_now()}
    )


class TestBurst:
    def test_fifty_records_in_two_minutes_stop_the_agent_on_the_way(self):
        """Attack case 102: goal drift. The request that crosses the line is denied and stops the agent; nothing of
        what follows gets through, and what it may have approved already is not carried out."""
        site = lined_site(25)
        companies = [make_record(site.connection_id, "companies", name=f"C{position}") for position in range(50)]

        answers = [propose(site, target={"object": "companies", "id": company}, expected=None) for company in companies]

        codes = [answer["status_code"] for answer in answers]
        assert codes == [""] * 25 + ["anomaly_volume"] + ["stopped_agent"] * 24
        reason = "Unlike itself: 26 requests within a day, where 25 are usual at most."
        assert stops() == [("agent", "system:anomaly", reason)]
        assert LedgerEvent.objects.filter(type="switch.engaged").count() == 1
        first = AgentActionRequest.objects.order_by("pk").first()
        assert execute(first.pk) == "approved", "held by the stop"

    def test_the_line_is_measured_by_the_agents_own_past(self):
        site = lined_site(2, window="hour", factor=3.0)
        usual(site, 2)
        assert [submit(site, **number(value)).status_code for value in range(1, 8)] == [
            *[""] * 6,
            "anomaly_volume",
        ]

    def test_items_of_a_batch_count_one_by_one(self):
        site = lined_site(3)
        companies = [make_record(site.connection_id, "companies", name=f"C{position}") for position in range(6)]
        proposals = tuple(
            make_proposed(site, target={"object": "companies", "id": company}, expected=None) for company in companies
        )

        batch = submit_batch(
            principal=make_principal(site.world), proposals=proposals, idempotency_key="b", now=get_now()
        )

        assert [item.status_code for item in batch.items] == [""] * 3 + ["anomaly_volume"] * 3
        assert len(stops()) == 1

    def test_what_was_asked_for_stays_asked_for(self):
        """No agent makes room by being slow, and no reviewer's yes counts as the agent's burst."""
        site = lined_site(2)
        waiting = submit_pending(site)
        vote(site, waiting, verdict="deny", reason="no")
        approved = submit(site, **number(5))
        assert execute(approved.request_id) == "executed"

        assert BudgetCounter.objects.get(key="volume").used == 2
        assert submit(site, **number(6)).status_code == "anomaly_volume"

    def test_a_denied_request_is_no_burst(self):
        site = lined_site(1)
        for _ in range(3):
            assert submit(site, **number("many")).status_code == "validation_failed"
        assert stops() == []

    def test_a_count_that_cannot_be_read_denies_and_stops_nobody(self, monkeypatch):
        site = lined_site(1)
        monkeypatch.setattr(budget_facts, "_known", lambda *_: {}["gone"])
        assert submit(site).status_code == "check_failed"
        assert stops() == []

    @pytest.mark.django_db(transaction=True)
    def test_fifty_at_once_get_no_further_than_the_line(self):
        site = lined_site(9)

        answers = together(*[lambda: submit(site)] * 50)

        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        codes = [answer.status_code for answer in answers]
        assert codes.count("") == 9
        assert set(codes) <= {"", "anomaly_volume", "stopped_agent"}
        assert len(stops()) == 1


class TestWatch:
    def test_a_burst_across_the_border_of_two_windows_is_seen(self):
        """Fixed windows forgive up to twice the size; the look at the last minute does not."""
        site = lined_site(3, window="hour")
        for value in range(1, 4):
            submit(site, **number(value))
        BudgetCounter.objects.filter(key="volume").delete()
        submit(site, **number(4))

        assert watch(now=get_now()) == 1
        assert stops()[0][2].startswith("Unlike itself: 4 requests within an hour")

    def test_new_sequences_and_domains_stop_it(self):
        site = make_sending_site(risk_tier="autonomous")
        make_anomaly(site.world.workspace, 1, signal="new_sequences", window="day")
        publish(site.world)
        submit(site, **enrolment_of(make_contact(site), make_sequence(site)))
        assert watch(now=get_now()) == 0

        submit(site, **enrolment_of(make_contact(site, email="x@b.example"), make_sequence(site, name="Second")))

        assert watch(now=get_now()) == 1
        assert "2 sequences that it never used" in stops()[0][2]
        assert AgentHabit.objects.filter(signal="new_domains").count() == 2

    def test_new_fields_stop_an_agent_that_is_not_new(self):
        site = lined_site(1, signal="new_fields")
        submit(site, **number(5))
        submit(site, changes={"country": "Norway"}, expected=None)
        assert watch(now=get_now()) == 0, "on its first day every field is new"

        AgentBaseline.objects.update(known_since=get_now() - timedelta(days=2))

        assert watch(now=get_now()) == 1
        assert "2 fields that it never wrote" in stops()[0][2]

    def test_what_it_did_before_is_not_new(self):
        site = lined_site(1, signal="new_fields")
        submit(site, **number(5))
        submit(site, changes={"country": "Norway"}, expected=None)
        watch(now=get_now())
        AgentBaseline.objects.update(known_since=get_now() - timedelta(days=2))
        AgentHabit.objects.update(first_at=get_now() - timedelta(days=2))
        submit(site, **number(6))
        assert watch(now=get_now()) == 0

    def test_after_people_lifted_the_stop_what_they_saw_does_not_stop_it_again(self):
        site = lined_site(3, window="hour")
        for value in range(1, 6):
            submit(site, **number(value))
        assert len(stops()) == 1
        lift_all(site)

        assert watch(now=get_now()) == 0
        assert ("volume", "hour") not in count_recent(site.world.workspace.pk, get_now()).get(site.world.agent.pk, {})

    def test_a_lifted_agent_may_ask_for_a_whole_window_again_and_no_more(self):
        """LIM-05: the counter that intake reads begins anew with the lift; the line itself stays."""
        site = lined_site(3)
        assert [submit(site, **number(value)).status_code for value in range(1, 6)] == [
            *[""] * 3,
            "anomaly_volume",
            "stopped_agent",
        ]

        lift_all(site)

        assert [submit(site, **number(value)).status_code for value in range(6, 11)] == [
            *[""] * 3,
            "anomaly_volume",
            "stopped_agent",
        ]
        lifted = LedgerEvent.objects.get(type="switch.lifted")
        assert json.loads(bytes(lifted.body))["data"]["volume_forgotten"] == 3

    def test_lifting_the_stop_of_one_agent_forgets_nothing_of_another(self):
        site = lined_site(3)
        submit(site)
        engage_switch(
            workspace_id=site.world.workspace.pk,
            kind="agent",
            agent_id=make_agent(site.world.workspace, name="agent.other").pk,
            reason="look",
            actor=Actor("human", "a"),
            now=get_now(),
        )
        lift_all(site)
        assert BudgetCounter.objects.get(key="volume").used == 1

    def test_what_follows_the_lift_is_watched_from_its_first_minute(self):
        """Otherwise a lift would blind the watch for the rest of each window: a day for new domains."""
        site = lined_site(3, window="hour")
        for value in range(1, 6):
            submit(site, **number(value))
        lift_all(site)
        Anomaly.objects.update(floor=1)
        BudgetCounter.objects.filter(key="volume").delete()
        publish(site.world)
        submit(site, **number(6))
        assert watch(now=get_now()) == 0
        BudgetCounter.objects.filter(key="volume").delete()
        submit(site, **number(7))

        assert watch(now=get_now()) == 1
        assert stops()[0][2].startswith("Unlike itself: 2 requests within an hour")

    def test_hours_become_the_median_that_intake_reads(self):
        site = lined_site(2, window="hour", factor=2.0)
        rows = [submit(site).request_id, submit(site, **number(9)).request_id]
        assert submit(site, **number(8)).status_code == "anomaly_volume"
        assert rows
        watch(now=get_now())
        assert AgentBaseline.objects.get().per_hour is None, "two requests of this hour are no past"


def test_what_was_judged_before_a_lift_stops_nobody_again():
    """LIM-05: a request is judged, people lift the stop, and only then the judgement comes to its own stop."""
    site = lined_site(1)
    finding = Finding("volume", "day", 2, 1)
    judged_at = get_now()
    more = {"workspace_id": site.world.workspace.pk, "agent_id": site.world.agent.pk, "finding": finding}
    assert stop_agent(**more, now=judged_at)
    lift_all(site)
    assert not stop_agent(**more, now=judged_at)
    assert stops() == []
    assert stop_agent(**more, now=get_now()), "what is found after the lift stops it as ever"
