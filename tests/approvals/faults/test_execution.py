"""One request, one effect: what the CRM does, what people do meanwhile, and what becomes of the request (EXE-01…05)."""

from datetime import timedelta

import pytest
from django.db.models import F

from approvals.models import AgentActionRequest, Attempt
from approvals.services import claim, execution
from approvals.services.reaping import reap_request
from approvals.services.reconciliation import reconcile_request
from approvals.services.sweep import run_due, sweep
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.domain.guarantee import Guarantee
from crm_connectors.models import CrmRecord
from crm_connectors.services.embedded_edit import edit_record
from governance.models import ActionTier, Agent, Credential, FieldOwnership, Membership
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, crm_value, execute, get, submit, submit_pending, vote
from tests.builders.governance import make_switch, publish
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, SimulatedCrash, serve_through

pytestmark = pytest.mark.django_db


@pytest.fixture
def board(monkeypatch):
    board = FaultySwitchboard()
    serve_through(monkeypatch, board.wrap)
    return board


def due_now(request_id):
    AgentActionRequest.objects.filter(pk=request_id).update(not_before=None)


def reconcile(request_id):
    due_now(request_id)
    return reconcile_request(request_id=request_id, worker="test")


def events_of(request_id):
    return list(LedgerEvent.objects.filter(subject_id=str(request_id)).order_by("id").values_list("type", flat=True))


def edit(site, **values):
    """A person edits the record in the CRM."""
    edit_record(
        connection_id=site.connection_id,
        object_type="companies",
        record_id=site.company,
        values=values,
        actor="human:petra",
        now=get_now(),
    )


def test_an_approved_request_is_written_verified_and_recorded():
    site = make_site()
    request = get(submit(site).request_id)

    assert execute(request.pk) == "executed"

    attempt = Attempt.objects.get(request=request)
    assert crm_value(site, "numberofemployees") == 220
    assert (attempt.point, attempt.before, attempt.after) == (
        "recorded",
        {"numberofemployees": 100},
        {"numberofemployees": 220},
    )
    assert events_of(request.pk)[2:] == [
        "request.claimed",
        "request.record_read",
        "request.sent",
        "request.verified",
        "request.executed",
    ]


def test_executing_twice_writes_once(board):
    """APR-10: a duplicated task finds nothing to do."""
    site = make_site()
    request_id = submit(site).request_id

    assert [execute(request_id), execute(request_id)] == ["executed", "executed"]
    assert (board.count("send"), count_writes(request_id)) == (1, 1)


def test_nothing_that_is_not_approved_is_ever_sent(board):
    """Invariant 1: pending, denied and cancelled requests cannot be executed by anyone who calls."""
    site = make_site()
    pending = submit_pending(site)
    denied = submit_pending(site)
    vote(site, denied, verdict="deny")

    assert [execute(pending.pk), execute(denied.pk)] == ["pending", "denied"]
    assert board.count("send") == 0


def test_a_human_edit_between_decision_and_execution_is_never_overwritten(board):
    """EXE-05: the new value is kept for the person who looks."""
    site = make_site()
    request_id = submit(site).request_id
    edit(site, numberofemployees=150)

    assert execute(request_id) == "conflict"

    assert (get(request_id).status_code, board.count("send")) == ("drift", 0)
    assert Attempt.objects.get().before == {"numberofemployees": 150}
    assert crm_value(site, "numberofemployees") == 150


def test_an_edit_of_another_field_is_no_conflict():
    site = make_site()
    request_id = submit(site).request_id
    edit(site, country="Belgium")

    assert execute(request_id) == "executed"


def test_a_record_that_is_gone_is_a_conflict():
    site = make_site()
    request_id = submit(site).request_id
    CrmRecord.objects.filter(number=int(site.company), crm_object__name="companies").update(archived_at=get_now())

    assert execute(request_id) == "conflict"
    assert get(request_id).status_code == "record_gone"


def test_what_provably_did_not_happen_is_tried_again_later(board):
    site = make_site()
    request_id = submit(site).request_id
    board.plan("send", Fault.TRANSIENT)

    assert execute(request_id) == "approved"
    assert execute(request_id) == "approved", "not before its time"
    assert board.count("send") == 0
    due_now(request_id)

    assert execute(request_id) == "executed"
    assert count_writes(request_id) == 1


def test_the_crms_own_pause_is_respected(board):
    """LIM-07: a provider's Retry-After is obeyed."""
    request_id = submit(make_site()).request_id
    board.plan("send", Fault.LIMITED, retry_after_seconds=600)

    execute(request_id)

    assert get(request_id).not_before > get_now() + timedelta(seconds=500)


def test_a_request_that_fails_three_times_is_quarantined_and_others_go_on(board):
    site = make_site()
    poison, healthy = submit(site).request_id, submit(site, changes={"country": "Belgium"}, expected=None).request_id
    board.plan("send", Fault.TRANSIENT, Fault.TRANSIENT, Fault.TRANSIENT)
    for _ in range(3):
        due_now(poison)
        execute(poison)

    assert (get(poison).status, get(poison).status_code) == ("failed", "quarantined")
    assert execute(healthy) == "executed"


def test_a_limit_counts_as_no_try_however_often_it_is_met(board):
    """F28: what waits for a limit or an open breaker is not quarantined, now or at its first fault of its own."""
    request_id = submit(make_site()).request_id
    board.plan("send", *[Fault.LIMITED] * 5, *[Fault.ALONE] * 3, Fault.AUTH, Fault.TRANSIENT, Fault.TRANSIENT)
    for _ in range(11):
        due_now(request_id)
        assert execute(request_id) == "approved"
    due_now(request_id)
    assert execute(request_id) == "executed"


def test_a_crm_that_cannot_say_what_it_promises_was_sent_nothing(board):
    """F28, F40: to learn it, a connector may have to ask the CRM; that call's fault is no fault of the action."""
    request_id = submit(make_site()).request_id
    board.plan("guarantee", *[Fault.LIMITED] * 4, Fault.AUTH, Fault.TRANSIENT, Fault.TRANSIENT)
    for _ in range(7):
        due_now(request_id)
        assert execute(request_id) == "approved"
    assert (get(request_id).status_code, board.count("send")) == ("connector_transient", 0)

    due_now(request_id)
    assert execute(request_id) == "executed"
    assert board.count("guarantee") == 1, "what was promised is what was executed under"


def test_our_own_refused_credential_is_not_the_requests_fault(board):
    request_id = submit(make_site()).request_id
    board.plan("send", *[Fault.AUTH] * 4)
    for _ in range(4):
        due_now(request_id)
        execute(request_id)

    assert get(request_id).status == "approved"


def test_a_timeout_after_the_write_is_found_executed_without_a_second_write(board):
    """EXE-02, EXE-03."""
    site = make_site()
    request_id = submit(site).request_id
    board.plan("send", Fault.TIMEOUT_AFTER_APPLY)

    assert execute(request_id) == "unknown"
    assert reconcile(request_id) == "executed"
    assert (board.count("send"), count_writes(request_id)) == (1, 1)


def test_a_timeout_without_a_write_is_found_not_applied_and_tried_again(board):
    site = make_site()
    request_id = submit(site).request_id
    board.plan("send", Fault.TIMEOUT_WITHOUT_APPLY)

    assert execute(request_id) == "unknown"
    assert reconcile(request_id) == "approved"
    due_now(request_id)
    assert execute(request_id) == "executed"
    assert count_writes(request_id) == 1


def test_an_unknown_outcome_stays_unknown_while_the_crm_cannot_be_asked(board):
    """EXE-03: a CRM that is down fails nothing; it is asked less and less often."""
    request_id = submit(make_site()).request_id
    board.plan("send", Fault.TIMEOUT_AFTER_APPLY)
    execute(request_id)
    board.plan("find_operation", Fault.TRANSIENT, Fault.TIMEOUT_WITHOUT_APPLY)

    assert [reconcile(request_id), reconcile(request_id)] == ["unknown", "unknown"]

    assert get(request_id).not_before > get_now()
    assert Attempt.objects.get().reconciliations == 2
    assert reconcile(request_id) == "executed"


def test_what_may_happen_at_most_once_goes_to_a_person_when_nobody_knows(board, monkeypatch):
    """Class C: no second try on a guess."""
    monkeypatch.setattr("tests.doubles.faulty_connector.FaultyConnector.guarantee", lambda *_: Guarantee.AT_MOST_ONCE)
    request_id = submit(make_site()).request_id
    board.plan("send", Fault.TIMEOUT_WITHOUT_APPLY)
    execute(request_id)

    assert reconcile(request_id) == "unknown"
    assert get(request_id).status_code == "needs_person"
    assert reconcile(request_id) == "unknown"
    assert run_due(worker="test").reconciled == 0


@pytest.mark.parametrize("fault", [Fault.NORMALISE, Fault.IGNORE_FIELD])
def test_executed_is_only_said_when_the_read_back_agrees(board, fault):
    """Invariant 3: the CRM answered success and holds something else."""
    site = make_site()
    request = submit_pending(site, changes={"name": "Umicore NV", "numberofemployees": 5})
    vote(site, request)
    board.plan("send", fault)

    assert execute(request.pk) == "unknown"

    assert get(request.pk).status_code == "applied_with_difference"
    assert reconcile(request.pk) == "unknown"
    assert board.count("send") == 1


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE_APPLY, Fault.CRASH_AFTER_APPLY])
def test_a_worker_that_dies_around_the_call_loses_and_doubles_nothing(board, fault):
    """Invariant 9."""
    site = make_site()
    request_id = submit(site).request_id
    board.plan("send", fault)
    with pytest.raises(SimulatedCrash):
        execute(request_id)
    assert get(request_id).status == "executing"

    assert reap_request(request_id=request_id, worker="test")
    due_now(request_id)
    run_due(worker="test")
    due_now(request_id)
    run_due(worker="test")

    assert (get(request_id).status, count_writes(request_id)) == ("executed", 1)


def test_a_worker_that_was_taken_over_touches_nothing(board, monkeypatch):
    """The fencing epoch: the slow worker wakes up after the reaper."""
    site = make_site()
    request_id = submit(site).request_id
    real = execution.commit_before_read

    def sleep_through(steps):
        AgentActionRequest.objects.filter(pk=request_id).update(epoch=F("epoch") + 1)
        real(steps)

    monkeypatch.setattr(execution, "commit_before_read", sleep_through)

    assert execute(request_id) == "executing"
    assert (board.count("send"), crm_value(site, "numberofemployees")) == (0, 100)


@pytest.mark.parametrize("kind", ["all", "agent", "write_back", "read_only"])
def test_a_switch_keeps_an_approved_request_from_being_claimed(board, kind):
    """KIL-01: it stays approved, and runs once the switch is lifted."""
    site = make_site()
    request_id = submit(site).request_id
    switch = make_switch(site.world.workspace, kind, agent=site.world.agent if kind == "agent" else None)

    assert execute(request_id) == "approved"
    assert (board.count("send"), Attempt.objects.count()) == (0, 0)
    switch.delete()
    due_now(request_id)
    assert execute(request_id) == "executed"


def test_a_switch_between_claim_and_call_stops_the_call(board, monkeypatch):
    """The second gate."""
    site = make_site()
    request_id = submit(site).request_id
    real = execution.commit_before_read

    def engage_meanwhile(steps):
        real(steps)
        make_switch(site.world.workspace, "all")

    monkeypatch.setattr(execution, "commit_before_read", engage_meanwhile)

    assert execute(request_id) == "cancelled"
    assert (get(request_id).status_code, board.count("send")) == ("switch_all", 0)


def test_an_agent_that_was_stopped_for_good_executes_nothing(board):
    site = make_site()
    retired, revoked = submit(site).request_id, submit(site, changes={"country": "Belgium"}, expected=None).request_id
    Agent.objects.filter(pk=site.world.agent.pk).update(lifecycle="retired")
    assert execute(retired) == "cancelled"
    Agent.objects.filter(pk=site.world.agent.pk).update(lifecycle="active")
    Credential.objects.filter(pk=site.world.credential.pk).update(revoked_at=get_now())

    assert execute(revoked) == "cancelled"
    assert {get(retired).status_code, get(revoked).status_code} == {"agent_inactive", "credential_revoked"}
    assert board.count("send") == 0


def test_a_vote_that_lost_its_weight_sends_the_request_back(board):
    """APR-04: membership is checked again at the claim."""
    site = make_site()
    request = submit_pending(site)
    vote(site, request)
    Membership.objects.filter(person=site.world.approver).delete()

    assert execute(request.pk) == "pending"
    assert (get(request.pk).status_code, board.count("send")) == ("approval_void", 0)


def test_a_policy_that_became_stricter_sends_it_to_a_person(board):
    """EXE-01: today's policy judges again; more approval is asked for before anything is written."""
    site = make_site()
    request = get(submit(site).request_id)
    ActionTier.objects.filter(workspace=site.world.workspace, action="update").update(risk_tier="approval")
    publish(site.world)

    assert execute(request.pk) == "pending"

    assert board.count("send") == 0
    assert vote(site, get(request.pk)).status == "approved"
    assert execute(request.pk) == "executed"


def test_a_policy_that_forbids_it_now_denies_it(board):
    site = make_site()
    request = submit_pending(site)
    vote(site, request)
    FieldOwnership.objects.filter(field__name="name").update(permission_level="blocked")
    publish(site.world)

    assert execute(request.pk) == "denied"
    assert (get(request.pk).status_code, board.count("send")) == ("level_blocked", 0)


def test_an_approval_past_its_time_is_not_executed(board):
    """APR-09."""
    request_id = submit(make_site()).request_id
    AgentActionRequest.objects.filter(pk=request_id).update(expires_at=get_now() - timedelta(seconds=1))

    assert execute(request_id) == "expired"
    assert board.count("send") == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"patch": [{"field": "numberofemployees", "before": 100, "after": 9}]},
        {"record_version": "99"},
        {"digest": "sha256:" + "0" * 64},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_row_that_no_longer_hashes_to_what_was_approved_is_denied(board, changes):
    """Invariant 2: digest seen = judged = executed."""
    request_id = submit(make_site()).request_id
    AgentActionRequest.objects.filter(pk=request_id).update(**changes)

    assert execute(request_id) == "denied"
    assert (get(request_id).status_code, board.count("send")) == ("digest_mismatch", 0)


def test_sweep_expires_what_is_late_and_run_due_works_what_is_due():
    site = make_site()
    late, due = submit_pending(site), submit(site).request_id
    AgentActionRequest.objects.filter(pk=late.pk).update(expires_at=get_now() - timedelta(seconds=1))

    swept = sweep(now=get_now())
    assert (swept.expired, swept.executed) == (1, 1)
    assert run_due(worker="test").executed == 1

    assert (get(late.pk).status, get(due).status) == ("expired", "executed")
    assert run_due(worker="test") == type(swept)()


def test_an_action_at_work_is_left_alone_by_the_reaper(board, monkeypatch):
    """Slow is not dead."""
    request_id = submit(make_site()).request_id
    real = execution.commit_before_read
    reaped = []

    def reap_meanwhile(steps):
        reaped.append(reap_request(request_id=request_id, worker="other"))
        real(steps)

    monkeypatch.setattr(execution, "commit_before_read", reap_meanwhile)

    assert execute(request_id) == "executed"
    assert reaped == [False]


def test_a_row_that_breaks_its_worker_does_not_hold_up_the_others():
    site = make_site()
    poison, healthy = submit(site).request_id, submit(site, changes={"country": "Belgium"}, expected=None).request_id
    AgentActionRequest.objects.filter(pk=poison).update(facts={"now": "nonsense"})

    run_due(worker="test")

    assert (get(poison).status, get(healthy).status) == ("approved", "executed")
    assert get(poison).not_before > get_now()
    assert run_due(worker="test").executed == 0


def test_what_expires_while_it_is_looked_at_is_not_claimed(monkeypatch):
    """APR-09: the last word on time is the database's, in the statement that takes the request."""
    site = make_site()
    request_id = submit(site).request_id
    look = claim.recheck_request

    def look_long(request, **rest):
        AgentActionRequest.objects.filter(pk=request.pk).update(expires_at=get_now() - timedelta(seconds=1))
        return look(request, **rest)

    monkeypatch.setattr(claim, "recheck_request", look_long)

    assert claim.claim_request(request_id=request_id, worker="test") is None
    assert (get(request_id).status, Attempt.objects.count(), count_writes(request_id)) == ("approved", 0, 0)
