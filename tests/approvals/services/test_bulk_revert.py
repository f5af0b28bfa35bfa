"""Bulk revert: planned first, then taken back through the same street, nobody's value overwritten (RVT-02, RVT-03)."""

from datetime import timedelta

import pytest

from approvals.domain.bulk_choice import Choice
from approvals.models import AgentActionRequest, BulkRevert, BulkRevertItem, Notification
from approvals.services import execution_together
from approvals.services.bulk_reverts import (
    BulkRevertError,
    NothingToStartError,
    StalePlanError,
    WrongStateError,
    pause_bulk_revert,
    plan_bulk_revert,
    release_bulk_revert,
    resume_bulk_revert,
    start_bulk_revert,
    stop_bulk_revert,
)
from approvals.services.revert import revert_request
from approvals.services.stop import stop
from audit.domain.event import Actor
from audit.domain.identifier import new_id
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from governance.models import ApproverGroup, ChangeProposal, KillSwitch, Membership
from governance.selectors.access import NotAllowedError
from governance.services.change_proposals import SamePersonError, countersign_change, reject_change
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, crm_value, execute, get, make_approver, submit, submit_pending, vote
from tests.builders.bulk_reverts import (
    edit,
    findings,
    make_company,
    plan,
    results,
    start,
    work,
    write_one,
    write_some,
)
from tests.builders.governance import allow, make_person, make_switch, make_user
from tests.builders.outward import email_to, make_contact, make_sending_site
from tests.builders.quality import settle
from tests.doubles.faulty_connector import Fault, FaultyConnector, FaultySwitchboard, serve_through

pytestmark = pytest.mark.django_db


def ids(site):
    return {"person_id": site.world.approver.pk, "user_id": site.world.approver_user.pk, "now": get_now()}


def employees(site, request):
    return crm_value(site, "numberofemployees", record=request.record_id)


def test_what_an_agent_did_is_planned_and_then_taken_back_by_requests_of_their_own():
    """RVT-02, RVT-04."""
    site = make_site()
    requests = write_some(site, 3)

    job = plan(site)

    assert (job.state, job.total, job.taken_up, job.counts["clean"]) == ("planned", 3, 3, 3)
    assert AgentActionRequest.objects.filter(reverses__isnull=False).count() == 0, "a dry run changes nothing"
    assert start(site, job) == "running"
    work()
    job.refresh_from_db()
    assert (job.state, set(results(job).values())) == ("finished", {"reverted"})
    for request in requests:
        revert = AgentActionRequest.objects.get(reverses=request)
        assert (revert.actor_type, revert.status, get(request.pk).status) == ("human", "executed", "reverted")
        assert (employees(site, request), count_writes(revert.pk)) == (100, 1)


def test_the_ledger_tells_every_step_of_each_revert_and_of_the_job():
    """RVT-04: in bulk as in single."""
    site = make_site()
    (request,) = write_some(site, 1)
    job = plan(site)
    start(site, job)
    work()

    revert = AgentActionRequest.objects.get(reverses=request)
    told = list(LedgerEvent.objects.filter(subject_id=str(revert.pk)).order_by("id").values_list("type", flat=True))
    assert told == [
        "request.received",
        "request.decided",
        "request.claimed",
        "request.record_read",
        "request.sent",
        "request.verified",
        "request.executed",
    ]
    assert LedgerEvent.objects.filter(subject_id=str(request.pk), type="request.reverted").count() == 1
    steps = LedgerEvent.objects.filter(subject_type="bulk_revert").order_by("id").values_list("type", flat=True)
    assert list(steps) == ["bulk_revert.planned", "bulk_revert.started", "bulk_revert.finished"]


def test_a_field_edited_since_is_left_to_a_person_and_says_who_and_when():
    """RVT-03, invariant 10."""
    site = make_site()
    clean, edited = write_some(site, 2)
    edit(site, edited.record_id, numberofemployees=300)

    job = plan(site)
    start(site, job)
    work()

    item = BulkRevertItem.objects.get(bulk_revert=job, request=edited)
    (field,) = item.fields
    assert (item.finding, item.result, field["is_edited"], field["by"]) == ("edited", "", True, "human:petra")
    assert (field["before"], field["ours"], field["now"]) == (100, 220, 300)
    assert field["at"]
    assert (employees(site, clean), employees(site, edited)) == (100, 300)


def test_a_value_written_between_dry_run_and_start_is_not_overwritten():
    """Invariant 10."""
    site = make_site()
    (request,) = write_some(site, 1)
    job = plan(site)
    edit(site, request.record_id, numberofemployees=300)
    start(site, job)
    work()

    item = BulkRevertItem.objects.get(bulk_revert=job)
    assert (item.result, item.code, item.revert_id) == ("conflict", "edited_since", None)
    assert employees(site, request) == 300


def test_several_changes_of_one_field_are_taken_back_one_after_the_other_to_the_first_value():
    """RVT-02: in reverse order of execution."""
    site = make_site()
    record = make_company(site, "Thrice")
    chain = [(100, 200), (200, 300), (300, 400)]
    requests = [write_one(site, record, before=before, after=after) for before, after in chain]

    job = plan(site)

    assert set(findings(job).values()) == {"clean"}
    places = list(
        BulkRevertItem.objects.filter(bulk_revert=job).order_by("position").values_list("request_id", flat=True)
    )
    assert places == [request.pk for request in reversed(requests)]
    start(site, job)
    work()
    assert (set(results(job).values()), employees(site, requests[0])) == ({"reverted"}, 100)


def test_a_chain_whose_end_was_edited_is_left_whole():
    site = make_site()
    record = make_company(site, "Twice")
    requests = [write_one(site, record, before=100, after=200), write_one(site, record, before=200, after=300)]
    edit(site, record, numberofemployees=999)

    job = plan(site)

    assert set(findings(job).values()) == {"edited"}
    assert employees(site, requests[0]) == 999


def test_automation_that_fired_on_the_record_is_said_and_the_field_still_taken_back():
    """RVT-05: what a workflow did because of us stays, and that is said before the start."""
    site = make_site()
    (request,) = write_some(site, 1)
    edit(site, request.record_id, actor="workflow:segmenting", industry="Retail")

    job = plan(site)

    item = BulkRevertItem.objects.get(bulk_revert=job)
    assert (item.finding, item.code) == ("automation", "workflow:segmenting")
    start(site, job)
    work()
    assert (results(job)[request.pk], crm_value(site, "industry", record=request.record_id)) == ("reverted", "Retail")


def test_what_is_taken_back_already_and_what_is_being_taken_back_is_left():
    """F30."""
    site = make_site()
    done, under_way, open_one = write_some(site, 3)
    for request in (done, under_way):
        submission = revert_request(request_id=request.pk, reason="single", **ids(site))
        if request == done:
            execute(submission.request_id)

    job = plan(site)

    assert findings(job) == {done.pk: "taken_back", under_way.pk: "taken_back", open_one.pk: "clean"}


def test_a_single_revert_that_comes_first_wins_and_nothing_is_doubled():
    """F30: one live revert per request, whoever makes it."""
    site = make_site()
    (request,) = write_some(site, 1)
    job = plan(site)
    start(site, job)
    submission = revert_request(request_id=request.pk, reason="single", **ids(site))
    work()

    item = BulkRevertItem.objects.get(bulk_revert=job)
    assert (item.result, item.code) == ("failed", "revert_exists")
    assert AgentActionRequest.objects.get(reverses=request).pk == submission.request_id


def test_what_no_provider_takes_back_is_said_before_the_start():
    """RVT-05."""
    site = make_sending_site()
    sent = submit_pending(site, **email_to(make_contact(site)))
    vote(site, sent)
    assert execute(sent.pk) == "executed"

    job = plan(site)

    assert findings(job) == {sent.pk: "irreversible"}
    with pytest.raises(NothingToStartError):
        start(site, job)


def test_a_record_that_was_made_is_archived():
    """RVT-05."""
    site = make_site()
    made = submit_pending(
        site, action="create", target={"object": "companies"}, changes={"name": "Novum"}, expected=None
    )
    vote(site, made)
    execute(made.pk)
    job = plan(site)
    start(site, job)
    work()

    record = get(made.pk).attempts.get().result_record_id
    assert results(job) == {made.pk: "reverted"}
    assert CrmRecord.objects.get(number=int(record), crm_object__name="companies").archived_at is not None


def outsider(site):
    """Somebody who may revert, of a group that does not answer for what agents do."""
    person, user = make_approver(site, "Odd Outsider")
    Membership.objects.filter(person=person).delete()
    group = ApproverGroup.objects.create(workspace=site.world.workspace, slug="others", name="Others")
    Membership.objects.create(group=group, person=person)
    return {"person": person, "user": user}


def test_what_policy_gives_to_others_waits_for_them_one_by_one_and_is_said_before_the_start():
    """RVT-04: judged by the person's role."""
    site = make_site()
    (request,) = write_some(site, 1)
    who = outsider(site)
    job = plan(site, **who)
    assert (job.counts["needs_person"], job.taken_up) == (1, 1)
    start(site, job, **who)
    work(turns=3)

    item = BulkRevertItem.objects.get(bulk_revert=job)
    job.refresh_from_db()
    assert (item.result, job.state, employees(site, request)) == ("waiting", "running", 220)
    vote(site, get(item.revert_id))
    execute(item.revert_id)
    work()
    item.refresh_from_db()
    job.refresh_from_db()
    assert (item.result, job.state, employees(site, request)) == ("reverted", "finished", 100)


def test_a_vanished_record_keeps_none_of_the_others_back():
    site = make_site()
    gone, stays = write_some(site, 2)
    CrmRecord.objects.filter(number=int(gone.record_id)).update(archived_at=get_now())

    job = plan(site)

    assert findings(job) == {gone.pk: "gone", stays.pk: "clean"}


def test_a_revert_of_reverts_puts_back_what_the_agent_wrote():
    """RVT-04: in bulk as in single."""
    site = make_site()
    requests = write_some(site, 2)
    first = plan(site)
    start(site, first)
    work()

    second = plan(site, Choice(bulk_revert=first.pk))

    assert second.taken_up == 2
    start(site, second)
    work()
    assert {employees(site, request) for request in requests} == {220}


def test_criteria_hold_together_and_the_last_are_those_executed_last():
    """RVT-02: agent, number, time, correlation id, policy version."""
    site = make_site()
    first, second, third = write_some(site, 3)
    other = write_one(site, make_company(site, "Other"), correlation_id="run-2")
    agent = site.world.agent.pk

    assert set(findings(plan(site, Choice(agent=agent, last=2)))) == {third.pk, other.pk}
    assert set(findings(plan(site, Choice(correlation_id="run-2")))) == {other.pk}
    assert set(findings(plan(site, Choice(correlation_id="run-2", until=first.finished_at)))) == set()
    assert set(findings(plan(site, Choice(since=second.finished_at, until=third.finished_at)))) == {second.pk, third.pk}
    assert len(findings(plan(site, Choice(policy_version=first.policy_version_id)))) == 4
    assert findings(plan(site, Choice(agent=new_id()))) == {}


def test_a_start_names_the_dry_run_that_was_seen():
    site = make_site()
    write_some(site, 1)
    job = plan(site)

    with pytest.raises(StalePlanError):
        start(site, job, digest="sha256:" + "0" * 64)
    with pytest.raises(BulkRevertError):
        start(site, job, reason=" ")
    BulkRevert.objects.update(planned_at=get_now() - timedelta(hours=25))
    with pytest.raises(StalePlanError):
        start(site, job)
    assert AgentActionRequest.objects.filter(reverses__isnull=False).count() == 0


def test_a_dry_run_is_started_once():
    site = make_site()
    write_some(site, 1)
    job = plan(site)
    start(site, job)

    with pytest.raises(WrongStateError):
        start(site, job)


def test_planning_and_starting_need_the_permission_and_ones_own_login():
    site = make_site()
    write_some(site, 1)
    stranger = make_person("Sten Stranger")
    theirs = {"person_id": stranger.pk, "user_id": make_user(stranger).pk, "now": get_now()}
    job = plan(site)

    with pytest.raises(NotAllowedError):
        plan_bulk_revert(workspace_id=site.world.workspace.pk, choice=Choice(last=1), **theirs)
    with pytest.raises(NotAllowedError):
        start_bulk_revert(job_id=job.pk, digest=job.digest, reason="mine", **theirs)
    for step in (pause_bulk_revert, resume_bulk_revert, stop_bulk_revert):
        with pytest.raises(NotAllowedError):
            step(job_id=job.pk, **theirs)
    with pytest.raises(BulkRevertError):
        start_bulk_revert(job_id=job.pk, digest=job.digest, reason="mine", **{**ids(site), "person_id": stranger.pk})


def test_whoever_may_revert_no_longer_starts_nothing_more():
    """The right is asked for again at every slice."""
    site = make_site()
    (request,) = write_some(site, 1)
    job = plan(site)
    start(site, job)
    site.world.approver_user.is_active = False
    site.world.approver_user.save()
    work(turns=2)

    job.refresh_from_db()
    assert (job.state, "may not revert" in job.note) == ("running", True)
    assert employees(site, request) == 220


@pytest.mark.parametrize("kind", ["all", "write_back"])
def test_a_kill_switch_holds_it_and_it_goes_on_when_that_is_lifted(kind):
    """DESIGN §5.5."""
    site = make_site()
    (request,) = write_some(site, 1)
    job = plan(site)
    switch = make_switch(site.world.workspace, kind)
    start(site, job)
    work(turns=2)

    job.refresh_from_db()
    assert (job.state, "kill switch" in job.note) == ("running", True)
    assert AgentActionRequest.objects.filter(reverses__isnull=False).count() == 0
    switch.delete()
    work()
    assert employees(site, request) == 100


def test_a_stop_between_two_calls_of_one_slice_lets_no_further_call_begin(monkeypatch):
    """KIL-01, F20: at a CRM that takes one write a call, each call has its own gate right before it."""
    site = make_site()
    requests = write_some(site, 3)
    job = plan(site)
    start(site, job)
    board = FaultySwitchboard()

    class Stopping(FaultyConnector):
        def send(self, operation):
            receipt = super().send(operation)
            make_switch(site.world.workspace, "all")
            return receipt

    serve_through(monkeypatch, lambda connector: Stopping(connector, board))
    work(turns=1)

    assert board.count("send") == 1
    assert sorted(employees(site, request) for request in requests) == [100, 220, 220]
    reverts = AgentActionRequest.objects.filter(reverses__in=requests)
    assert sorted(revert.status for revert in reverts) == ["approved", "approved", "executed"]  # never claimed


@pytest.mark.parametrize("kind", ["agent", "read_only"])
def test_what_stops_agents_does_not_hold_it(kind):
    """DESIGN §5.5."""
    site = make_site()
    (request,) = write_some(site, 1)
    make_switch(site.world.workspace, kind, agent=site.world.agent if kind == "agent" else None)
    job = plan(site)
    start(site, job)
    work()

    assert employees(site, request) == 100


def test_paused_it_makes_nothing_more_and_resumed_it_goes_on(monkeypatch):
    site = make_site()
    requests = write_some(site, 3)
    monkeypatch.setattr("approvals.services.bulk_working.SLICE", 1)
    job = plan(site)
    start(site, job)
    pause_bulk_revert(job_id=job.pk, **ids(site))
    work()
    assert [employees(site, request) for request in requests] == [220, 220, 220]

    resume_bulk_revert(job_id=job.pk, **ids(site))
    with pytest.raises(WrongStateError):
        resume_bulk_revert(job_id=job.pk, **ids(site))
    work()

    assert [employees(site, request) for request in requests] == [100, 100, 100]
    steps = LedgerEvent.objects.filter(subject_type="bulk_revert").order_by("id").values_list("type", flat=True)
    assert list(steps)[2:4] == ["bulk_revert.paused", "bulk_revert.resumed"]


def test_stopped_it_calls_off_what_waits_and_leaves_what_was_reverted():
    site = make_site()
    waits, never = write_some(site, 1), make_company(site, "Busy")
    chain = [write_one(site, never, before=100, after=200), write_one(site, never, before=200, after=300)]
    who = outsider(site)
    job = plan(site, **who)
    start(site, job, **who)
    work(turns=3)
    last = AgentActionRequest.objects.get(reverses=chain[1])
    vote(site, last)
    execute(last.pk)

    stop_bulk_revert(job_id=job.pk, **ids(site))
    work()

    job.refresh_from_db()
    assert job.state == "stopped"
    assert results(job) == {waits[0].pk: "stopped", chain[1].pk: "reverted", chain[0].pk: "stopped"}
    assert AgentActionRequest.objects.get(reverses=waits[0]).status == "cancelled"
    assert not AgentActionRequest.objects.filter(reverses=chain[0]).exists(), "what was not made never is"
    assert crm_value(site, "numberofemployees", record=never) == 200
    with pytest.raises(WrongStateError):
        resume_bulk_revert(job_id=job.pk, **ids(site))


def released_job(site, kind="all"):
    """A job that a stop holds, the proposal to release it, and a second person who may lift switches."""
    (request,) = write_some(site, 1)
    job = plan(site)
    start(site, job)
    make_switch(site.world.workspace, kind)
    release_bulk_revert(job_id=job.pk, reason="customers see wrong prices", **ids(site))
    second, user = make_approver(site, "Bo Second")
    return job, request, ChangeProposal.objects.get(kind="revert.release"), second, user


@pytest.mark.parametrize("kind", ["all", "write_back"])
def test_an_incident_release_by_two_people_lets_it_pass_the_stop_in_force(kind):
    """DESIGN §5.5."""
    site = make_site()
    job, request, proposal, second, user = released_job(site, kind)
    work(turns=2)
    assert employees(site, request) == 220, "asking releases nothing"
    with pytest.raises(SamePersonError):
        countersign_change(proposal_id=proposal.pk, **ids(site))
    with pytest.raises(NotAllowedError):
        countersign_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, now=get_now())
    allow(user, site.world.workspace, "lift_switches")
    assert countersign_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, now=get_now())
    other = submit(site).request_id
    work()

    job.refresh_from_db()
    assert (job.state, employees(site, request)) == ("finished", 100)
    assert get(other).status == "denied", "everything else stays stopped"


def test_a_stop_engaged_after_the_release_holds_it_again():
    """Invariant 5: a stop stops every write that was not yet sent."""
    site = make_site()
    _, request, proposal, second, user = released_job(site)
    allow(user, site.world.workspace, "lift_switches")
    countersign_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, now=get_now())
    make_switch(site.world.workspace, "write_back")
    work(turns=2)

    assert employees(site, request) == 220
    assert AgentActionRequest.objects.filter(reverses=request).count() == 0


def test_a_stop_engaged_between_claim_and_send_stops_what_was_released(monkeypatch):
    """Invariant 5, at the second gate."""
    site = make_site()
    _, request, proposal, second, user = released_job(site)
    allow(user, site.world.workspace, "lift_switches")
    countersign_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, now=get_now())
    real = execution_together.commit_before_read

    def stopping(*args, **kwargs):
        real(*args, **kwargs)
        make_switch(site.world.workspace, "write_back")

    monkeypatch.setattr(execution_together, "commit_before_read", stopping)
    work(turns=2)

    assert employees(site, request) == 220
    assert AgentActionRequest.objects.get(reverses=request).status == "cancelled"


def release(site, proposal, second, user):
    allow(user, site.world.workspace, "lift_switches")
    assert countersign_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, now=get_now())


@pytest.mark.parametrize("pressed", [-60, 0])
def test_a_release_passes_the_stops_that_it_names_and_no_other_whatever_its_time(pressed):
    """Invariant 5: a stop that was on its way while two people agreed, or came while one of them thought, holds."""
    site = make_site()
    _, request, proposal, second, user = released_job(site)
    other = make_switch(site.world.workspace, "write_back")
    KillSwitch.objects.filter(pk=other.pk).update(engaged_at=get_now() + timedelta(seconds=pressed))
    release(site, proposal, second, user)
    work(turns=2)

    assert employees(site, request) == 220
    assert AgentActionRequest.objects.filter(reverses=request).count() == 0


@pytest.mark.parametrize("kind", ["all", "write_back"])
def test_a_stop_that_is_pressed_again_while_it_is_in_force_ends_the_release(kind):
    """Invariant 5: whoever presses it sees writes go on, and means those."""
    site = make_site()
    job, request, proposal, second, user = released_job(site, kind)
    release(site, proposal, second, user)
    stop(
        workspace_id=site.world.workspace.pk,
        kind=kind,
        agent_id=None,
        reason="it still writes",
        actor=Actor("human", str(second.pk)),
        now=get_now(),
    )
    work(turns=2)

    job.refresh_from_db()
    assert (employees(site, request), job.release_id) == (220, None)
    assert AgentActionRequest.objects.filter(reverses=request).count() == 0
    ended = LedgerEvent.objects.get(type="bulk_revert.release_ended")
    assert ended.subject_id == str(job.pk)


@pytest.mark.parametrize("state", ["stopping", "stopped", "finished"])
def test_a_release_ends_with_its_job(state):
    """What was made and waits for its next try when the job is stopped passes no stop any more."""
    site = make_site()
    job, request, proposal, second, user = released_job(site)
    release(site, proposal, second, user)
    board = FaultySwitchboard()
    with pytest.MonkeyPatch.context() as patch:
        serve_through(patch, board.wrap)
        board.plan("send", Fault.TRANSIENT)
        work(turns=1)
    revert = AgentActionRequest.objects.get(reverses=request)
    assert revert.status == "approved"
    BulkRevert.objects.filter(pk=job.pk).update(state=state)
    AgentActionRequest.objects.update(not_before=None)

    assert execute(revert.pk) == "approved"
    assert employees(site, request) == 220


def test_nothing_is_released_while_no_stop_holds_it():
    """A release in stock would pass a stop that nobody has seen yet."""
    site = make_site()
    write_some(site, 1)
    job = plan(site)
    start(site, job)
    make_switch(site.world.workspace, "read_only")
    with pytest.raises(BulkRevertError, match="no stop"):
        release_bulk_revert(job_id=job.pk, reason="in case", **ids(site))
    assert not ChangeProposal.objects.filter(kind="revert.release").exists()


def test_a_refused_release_and_a_revert_outside_the_job_stay_held():
    site = make_site()
    _, request, proposal, second, user = released_job(site)
    allow(user, site.world.workspace, "lift_switches")
    reject_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, reason="wait", now=get_now())
    work(turns=2)
    assert employees(site, request) == 220
    single = revert_request(request_id=request.pk, reason="single", **ids(site))
    assert single.status == "denied"


def test_a_release_takes_the_permission_and_a_job_that_runs():
    site = make_site()
    write_some(site, 1)
    job = plan(site)
    with pytest.raises(WrongStateError):
        release_bulk_revert(job_id=job.pk, reason="x", **ids(site))
    start(site, job)
    stranger = make_person("Sten Stranger")
    with pytest.raises(NotAllowedError):
        release_bulk_revert(
            job_id=job.pk, reason="x", person_id=stranger.pk, user_id=make_user(stranger).pk, now=get_now()
        )


def two_person_job(site, monkeypatch):
    monkeypatch.setattr("approvals.domain.bulk_revert.TWO_PEOPLE_ABOVE", 2)
    write_some(site, 3)
    job = plan(site)
    assert start(site, job) == "countersigning"
    return job, ChangeProposal.objects.get(kind="revert.bulk")


def test_above_the_limit_it_waits_for_a_second_person(monkeypatch):
    """DESIGN §5.5: two people, and distinct ones."""
    site = make_site()
    job, proposal = two_person_job(site, monkeypatch)
    work(turns=2)
    assert AgentActionRequest.objects.filter(reverses__isnull=False).count() == 0
    with pytest.raises(SamePersonError):
        countersign_change(proposal_id=proposal.pk, **ids(site))

    second, user = make_approver(site, "Bo Second")
    with pytest.raises(NotAllowedError):
        countersign_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, now=get_now())
    allow(user, site.world.workspace, "countersign_changes")
    assert countersign_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, now=get_now())
    work()

    job.refresh_from_db()
    assert (job.state, set(results(job).values())) == ("finished", {"reverted"})
    started = LedgerEvent.objects.get(type="bulk_revert.started")
    assert str(second.pk).encode() in bytes(started.body)


def test_what_one_person_starts_within_a_day_is_counted_together(monkeypatch):
    """DESIGN §5.5: nobody takes more back alone by starting less at a time."""
    site = make_site()
    monkeypatch.setattr("approvals.domain.bulk_revert.TWO_PEOPLE_ABOVE", 2)
    write_some(site, 4)
    first = plan(site, Choice(agent=site.world.agent.pk, last=2))
    assert start(site, first) == "running"
    work()

    second = plan(site, Choice(agent=site.world.agent.pk, last=3))
    colleague, user = make_approver(site, "Bo Second")
    theirs = plan(site, Choice(agent=site.world.agent.pk, last=3), person=colleague, user=user)
    assert second.taken_up == 1
    assert start(site, second) == "countersigning"
    assert ChangeProposal.objects.get(kind="revert.bulk").payload["items"] == 1
    assert start(site, theirs, person=colleague, user=user) == "running", "each person's own"


def test_what_was_started_a_day_ago_counts_no_more_and_what_two_agreed_to_never(monkeypatch):
    site = make_site()
    monkeypatch.setattr("approvals.domain.bulk_revert.TWO_PEOPLE_ABOVE", 2)
    write_some(site, 3)
    large = plan(site)
    assert start(site, large) == "countersigning"
    second, user = make_approver(site, "Bo Second")
    allow(user, site.world.workspace, "countersign_changes")
    proposal = ChangeProposal.objects.get(kind="revert.bulk")
    countersign_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, now=get_now())
    work()
    write_some(site, 2)
    small = plan(site)
    assert (small.taken_up, start(site, small)) == (2, "running")
    work()

    write_some(site, 1)
    late = plan(site)
    BulkRevert.objects.filter(pk=small.pk).update(started_at=get_now() - timedelta(hours=23, minutes=59))
    assert start(site, late) == "countersigning"
    stop_bulk_revert(job_id=late.pk, **ids(site))
    work()
    BulkRevert.objects.filter(pk=small.pk).update(started_at=get_now() - timedelta(hours=24, seconds=1))
    assert start(site, plan(site)) == "running"


def test_another_account_of_the_same_person_is_no_second_person(monkeypatch):
    site = make_site()
    _, proposal = two_person_job(site, monkeypatch)
    other_login = make_user(site.world.approver, username="second-login")
    allow(other_login, site.world.workspace, "countersign_changes", "revert_requests")

    with pytest.raises(SamePersonError):
        countersign_change(
            proposal_id=proposal.pk, person_id=site.world.approver.pk, user_id=other_login.pk, now=get_now()
        )


def test_a_refusal_puts_it_back_to_planned(monkeypatch):
    site = make_site()
    job, proposal = two_person_job(site, monkeypatch)
    second, user = make_approver(site, "Bo Second")
    allow(user, site.world.workspace, "countersign_changes")
    reject_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, reason="too many", now=get_now())
    work(turns=2)

    job.refresh_from_db()
    assert (job.state, "rejected" in job.note) == ("planned", True)
    assert AgentActionRequest.objects.filter(reverses__isnull=False).count() == 0


def test_a_countersignature_of_another_dry_run_starts_nothing(monkeypatch):
    site = make_site()
    job, proposal = two_person_job(site, monkeypatch)
    BulkRevert.objects.filter(pk=job.pk).update(digest="sha256:" + "1" * 64)
    second, user = make_approver(site, "Bo Second")
    allow(user, site.world.workspace, "countersign_changes")
    countersign_change(proposal_id=proposal.pk, person_id=second.pk, user_id=user.pk, now=get_now())
    work(turns=2)

    job.refresh_from_db()
    assert job.state == "planned"
    assert AgentActionRequest.objects.filter(reverses__isnull=False).count() == 0


def test_whoever_started_it_is_told_when_it_has_ended_and_nobody_else():
    """APR-13."""
    site = make_site()
    other, _ = make_approver(site, "Bo Second")
    write_some(site, 2)
    settle()
    job = plan(site)
    start(site, job)
    work()
    settle()

    (told,) = Notification.objects.filter(kind="bulk_revert")
    assert (told.person_id, "2 changes" in told.title) == (site.world.approver.pk, True)
    assert told.person_id != other.pk
