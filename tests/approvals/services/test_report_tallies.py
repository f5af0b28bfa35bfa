"""Tallies of reports: each number is the number of rows that can be listed for it (REP-01)."""

import random
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from approvals.domain.measures import BUDGET, DENIED_BY_PERSON, DNC, MEANING, STOP_CODES, Ended, Measure, measures_of
from approvals.domain.report_keys import BREAKERS_OPENED, FIELD, STOPS_ENGAGED, WAITED, by_code
from approvals.domain.status import TERMINAL, Status
from approvals.models import AgentActionRequest, ReportTally
from approvals.selectors.measured import CONDITIONS, counted_as, received_within
from approvals.services.cancel import cancel_request
from approvals.services.dumb_failures import run_dumb_failures
from approvals.services.expiry import expire_request
from approvals.services.report_tallying import REPORTS, rebuild_reports
from approvals.services.revert import revert_request
from audit.domain.event import Actor, Subject
from audit.domain.identifier import first_id_at
from audit.models import Follower
from audit.selectors.clock import get_now
from audit.services.follow import follow
from audit.services.maintain import maintain_ledger
from governance.services.switches import engage_switch
from tests.builders.api import make_site
from tests.builders.approvals import execute, submit, submit_executed, submit_pending, vote
from tests.builders.audit import append, new_event

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def site():
    return make_site()


def catch_up():
    maintain_ledger(now=get_now())
    while follow(REPORTS):
        pass


def counted(site, measure, **wanted):
    rows = ReportTally.objects.filter(workspace=site.world.workspace, measure=measure, **wanted)
    return sum(rows.values_list("count", flat=True))


def listed(site, measure, **wanted):
    today = get_now().date()
    rows = AgentActionRequest.objects.filter(workspace=site.world.workspace, **wanted)
    return counted_as(received_within(rows, first=today - DAY, last=today), measure).count()


def live_a_day(site):
    """Requests of most fates, through the services that make them."""
    person = {"person_id": site.world.approver.pk, "user_id": site.world.approver_user.pk, "now": get_now()}
    submit_executed(site)
    taken_back = submit_executed(site, changes={"industry": "Retail"}, expected=None)
    approved, denied, expired, cancelled, _waiting = (submit_pending(site, correlation_id=f"c-{n}") for n in range(5))
    vote(site, approved)
    execute(approved.pk)
    vote(site, denied, verdict="deny", reason="no")
    AgentActionRequest.objects.filter(pk=expired.pk).update(expires_at=get_now() - timedelta(hours=1))
    assert expire_request(request_id=expired.pk)
    agent = Actor("agent", site.world.agent.name)
    cancel_request(request_id=cancelled.pk, actor=agent, reason="", agent_id=site.world.agent.pk, now=get_now())
    submit(site, changes={"numberofemployees": "many"}, expected=None)
    submit(site, changes={"country": "Belgium"}, expected={"numberofemployees": 1})
    made = revert_request(request_id=taken_back.pk, reason="wrong", **person)
    assert execute(made.request_id) == "executed"


def test_every_number_is_the_number_of_rows_behind_it(site):
    live_a_day(site)
    catch_up()
    settled = [measure for measure in CONDITIONS if measure is not Measure.OPEN]
    assert {m: counted(site, m, detail="") for m in settled} == {m: listed(site, m) for m in settled}
    assert listed(site, Measure.OPEN) == 1
    lived = {"executed", "reverted", "denied_by_people", "denied_by_policy", "expired", "cancelled", "conflict"}
    lived |= {"approved_by_people", "allowed_by_policy", "reviewed", "exception"}
    assert {measure for measure in lived if not counted(site, measure)} == set()


def test_fields_and_codes_are_counted_too(site):
    live_a_day(site)
    catch_up()
    asked = listed(site, Measure.RECEIVED, object_type="companies", body__changes__has_key="name")
    assert counted(site, f"{FIELD}received", detail="companies.name") == asked == 5
    assert counted(site, by_code(Measure.DENIED_BY_POLICY), detail="validation_failed") == 1
    assert counted(site, WAITED) == counted(site, Measure.REVIEWED) == 2


def test_counting_again_from_the_ledger_gives_the_same(site, capsys):
    live_a_day(site)
    engage_switch(
        workspace_id=site.world.workspace.pk,
        kind="send",
        agent_id=None,
        reason="test",
        actor=Actor("human", "rosa"),
        now=get_now(),
    )
    catch_up()
    columns = ("workspace", "day", "measure", "agent_id", "detail", "count")
    before = sorted(map(str, ReportTally.objects.values_list(*columns)))
    assert counted(site, STOPS_ENGAGED) == 1
    assert counted(site, BREAKERS_OPENED) == 0
    call_command("rebuild_reports")
    assert sorted(map(str, ReportTally.objects.values_list(*columns))) == before
    assert "counted" in capsys.readouterr().out


def test_a_turn_that_is_repeated_counts_nothing_twice(site):
    submit_executed(site)
    catch_up()
    catch_up()
    assert counted(site, Measure.RECEIVED, detail="") == counted(site, Measure.EXECUTED, detail="") == 1


def test_a_late_event_counts_for_the_day_of_its_request(site):
    long_ago = get_now() - timedelta(days=30)
    row = make_row(site, long_ago)
    row.status, row.status_code, row.decided_by = "denied", DENIED_BY_PERSON, "person:1"
    AgentActionRequest.objects.bulk_create([row])
    append(new_event(type="request.denied", subject=Subject("request", str(row.pk))), now=get_now())
    catch_up()
    assert counted(site, Measure.DENIED_BY_PEOPLE, detail="", day=long_ago.astimezone(UTC).date()) == 1


def test_drills_and_people_are_in_no_report(site):
    actor = Actor("human", "rosa")
    run_dumb_failures(
        workspace_id=site.world.workspace.pk, agent_name=site.world.agent.name, actor=actor, now=get_now()
    )
    catch_up()
    assert AgentActionRequest.objects.exists()
    assert not ReportTally.objects.exists()
    assert listed(site, Measure.RECEIVED) == 0


def test_rebuilding_begins_with_the_first_event(site):
    submit(site)
    catch_up()
    position = Follower.objects.get(pk="reports").next_leaf
    assert rebuild_reports() == position == Follower.objects.get(pk="reports").next_leaf


def test_what_the_values_say_and_what_the_database_is_asked_are_the_same(site):
    """Three hundred requests with any columns at all: each measure holds for the same ones in both words."""
    chance = random.Random(7)  # noqa: S311 - the same rows on every run
    codes = ("", DENIED_BY_PERSON, BUDGET, DNC, "stale_expectation", *STOP_CODES[:2], "rule_denied")
    deciders = ("", "policy", "person:1", "standing:1:person:2")
    rows = [
        AgentActionRequest(
            workspace=site.world.workspace,
            connection=site.world.connection,
            agent=site.world.agent,
            actor_type="agent",
            idempotency_key=str(number),
            action=chance.choice(("update", "create_meeting", "send_email")),
            object_type="companies",
            body={"changes": {"name": "x"}},
            status=chance.choice(sorted(TERMINAL)),
            status_code=chance.choice(codes),
            decided_by=chance.choice(deciders),
            attempts_count=chance.choice((0, 1)),
            decision=chance.choice(({}, {"redirects": []}, {"redirects": [{"field": "a"}]})),
            created_at=get_now(),
        )
        for number in range(300)
    ]
    AgentActionRequest.objects.bulk_create(rows)
    expected = Counter(measure for row in rows for measure in measures_of(ended(row)))
    skipped = {Measure.RECEIVED, Measure.OPEN, Measure.REVERTED, Measure.BOUNCED, Measure.COMPLAINED}
    for measure in set(Measure) - skipped:
        assert listed(site, measure) == expected[measure] > 0, measure


def ended(row):
    return Ended(
        status=Status.EXECUTED if row.status == Status.REVERTED else Status(row.status),
        code=row.status_code,
        decided_by=row.decided_by,
        action=row.action,
        attempts=row.attempts_count,
        is_redirected=bool(row.decision.get("redirects")),
    )


def test_each_measure_says_what_it_means():
    assert set(MEANING) == set(Measure) == set(CONDITIONS)


def test_days_begin_and_end_at_midnight_utc(site):
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    for moment in (midnight - tick, midnight, midnight + DAY - tick, midnight + DAY):
        AgentActionRequest.objects.bulk_create([make_row(site, moment)])
    rows = received_within(AgentActionRequest.objects.all(), first=midnight.date(), last=midnight.date())
    assert {row.created_at for row in rows} == {midnight, midnight + DAY - tick}


def make_row(site, moment):
    """A request of that moment, by the clocks of both row and id."""
    return AgentActionRequest(
        id=uuid.UUID(int=first_id_at(moment).int + int(uuid.uuid4()) % 2**60),
        workspace=site.world.workspace,
        connection=site.world.connection,
        agent=site.world.agent,
        actor_type="agent",
        idempotency_key=str(moment),
        body={},
        created_at=moment,
    )
