"""Reverts in calls of several: a stop finds a gate before every call, each keeps its own outcome (KIL-01, RVT-02).

Invariant 5: at most one write call for each gate that was passed, right after it.
"""

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import F

from approvals.models import AgentActionRequest, Attempt
from approvals.services import bulk_working, execution
from approvals.services.bulk_jobs import take_job
from approvals.services.sweep import run_due
from audit.selectors.clock import get_now
from crm_connectors.domain.guarantee import Guarantee
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, crm_value, execute, submit_pending, vote
from tests.builders.bulk_reverts import plan, results, start, work, write_some
from tests.builders.governance import make_switch
from tests.doubles.batching_connector import serve_batches

pytestmark = pytest.mark.django_db


def make_some(site, count):
    """As many companies that the agent made."""
    made = [
        submit_pending(
            site, action="create", target={"object": "companies"}, changes={"name": f"Novum {number}"}, expected=None
        )
        for number in range(count)
    ]
    for request in made:
        vote(site, request)
        assert execute(request.pk) == "executed"
    return made


def reverts_of(requests):
    return list(AgentActionRequest.objects.filter(reverses__in=requests).order_by("pk"))


def statuses(requests):
    return sorted(revert.status for revert in reverts_of(requests))


def stop_once(site):
    """What presses STOP ALL after the first call."""
    return lambda: make_switch(site.world.workspace, "all") if not site.world.workspace.kill_switches.exists() else None


def test_a_stop_between_two_calls_of_several_lets_the_next_call_take_nothing(monkeypatch):
    """KIL-01, F20: gates are passed for one call, right before it."""
    site = make_site()
    requests = write_some(site, 5)
    job = plan(site)
    start(site, job)
    calls = serve_batches(monkeypatch, size=2, after_call=stop_once(site))
    work(turns=1)

    assert (calls.together, calls.alone) == ([2], 0)
    assert statuses(requests) == ["cancelled"] * 3 + ["executed"] * 2
    employees = [crm_value(site, "numberofemployees", record=request.record_id) for request in requests]
    assert sorted(employees) == [100, 100, 220, 220, 220]


def test_what_is_no_plain_change_takes_a_call_and_a_gate_each(monkeypatch):
    """KIL-01, F20: archives go one by one at a CRM that takes several changes a call, too."""
    site = make_site()
    requests = make_some(site, 3)
    job = plan(site)
    start(site, job)
    calls = serve_batches(monkeypatch, size=100, after_call=stop_once(site))
    work(turns=1)

    assert (calls.together, calls.alone) == ([], 1)
    assert statuses(requests) == ["approved", "approved", "executed"]  # never claimed


def test_a_call_holds_as_many_as_the_crm_takes_of_one_object(monkeypatch):
    site = make_site()
    requests = write_some(site, 5)
    job = plan(site)
    start(site, job)
    calls = serve_batches(monkeypatch, size=2)
    work()

    assert (calls.together, calls.alone) == ([2, 2, 1], 0)
    assert [count_writes(revert.pk) for revert in reverts_of(requests)] == [1] * 5
    assert set(results(job).values()) == {"reverted"}


def test_what_goes_in_no_call_with_others_waits_and_goes_by_itself_with_no_fault_counted(monkeypatch):
    """F28: a place in a call that the CRM does not give is no fault of the revert."""
    site = make_site()
    requests = write_some(site, 3)
    job = plan(site)
    start(site, job)
    apart = requests[1].record_id
    calls = serve_batches(monkeypatch, size=100, goes_alone=lambda operation: operation.record_id == apart)
    work(turns=1)

    revert = AgentActionRequest.objects.get(reverses=requests[1])
    assert (revert.status, revert.status_code, calls.alone) == ("approved", "connector_alone", 0)
    AgentActionRequest.objects.update(not_before=None)
    run_due(worker="test")
    work()

    assert (calls.together, calls.alone) == ([3], 1)
    assert set(results(job).values()) == {"reverted"}
    assert [count_writes(revert.pk) for revert in reverts_of(requests)] == [1] * 3
    assert list(Attempt.objects.filter(request=revert).order_by("epoch").values_list("error_code", flat=True)) == [
        "connector_alone",
        "",
    ]


def test_a_task_whose_time_is_up_ends_and_keeps_every_outcome_that_it_knew(monkeypatch):
    """F3: the time limit ends the worker; nothing that was answered is forgotten, and the rest is found by others."""
    site = make_site()
    requests = write_some(site, 5)
    job = plan(site)
    start(site, job)

    def run_out_of_time(_):
        if calls.together == [2]:
            raise SoftTimeLimitExceeded

    calls = serve_batches(monkeypatch, size=2, before_call=run_out_of_time)
    taken = take_job(now=get_now())
    assert taken is not None
    with pytest.raises(SoftTimeLimitExceeded):
        bulk_working.work_step(taken, worker="doomed")
    assert statuses(requests) == ["executed"] * 2 + ["executing"] * 3

    monkeypatch.undo()
    for _ in range(4):
        AgentActionRequest.objects.update(not_before=None)
        run_due(worker="survivor")
    assert [count_writes(revert.pk) for revert in reverts_of(requests)] == [1] * 5
    assert statuses(requests) == ["executed"] * 5


def run_out_of_time():
    raise SoftTimeLimitExceeded


@pytest.mark.parametrize("step", ["before the read", "after the call"])
def test_a_task_whose_time_is_up_sends_nothing_more_one_by_one(monkeypatch, step):
    site = make_site()
    requests = make_some(site, 3)
    job = plan(site)
    start(site, job)
    calls = serve_batches(monkeypatch, size=100, after_call=run_out_of_time if step == "after the call" else get_now)
    real = execution.get_connector

    def reach(*args, **kwargs):
        return run_out_of_time() if calls.alone else real(*args, **kwargs)

    monkeypatch.setattr(execution, "get_connector", reach)
    taken = take_job(now=get_now())
    assert taken is not None
    with pytest.raises(SoftTimeLimitExceeded):
        bulk_working.work_step(taken, worker="doomed")
    assert calls.alone == 1
    assert "executing" in statuses(requests)
    assert not {"unknown", "failed"} & set(statuses(requests)), "others find what is left"


def test_one_that_was_taken_over_keeps_none_of_the_others_back(monkeypatch):
    """F4: a fenced attempt is left alone, and the slice goes on."""
    site = make_site()
    requests = write_some(site, 3)
    job = plan(site)
    start(site, job)
    calls = serve_batches(monkeypatch, size=100, promises=Guarantee.AT_MOST_ONCE)
    real, fenced = execution.prove_intent, []

    def overtaken(claim):
        if not fenced:
            fenced.append(claim.request.pk)
            AgentActionRequest.objects.filter(pk=claim.request.pk).update(epoch=F("epoch") + 1)
        return real(claim)

    monkeypatch.setattr(execution, "prove_intent", overtaken)
    work(turns=1)

    assert (calls.together, calls.alone) == ([], 2)
    assert statuses(requests) == ["executed", "executed", "executing"]


def test_a_slice_takes_few_of_those_that_take_a_call_each(monkeypatch):
    """A slice ends within its lease: what goes together is not cut short by them."""
    site = make_site()
    made, changed = make_some(site, 3), write_some(site, 3)
    job = plan(site)
    start(site, job)
    monkeypatch.setattr(bulk_working, "_ALONE", 1)
    taken = take_job(now=get_now())
    assert taken is not None
    bulk_working.work_step(taken, worker="test")

    assert (len(reverts_of(made)), len(reverts_of(changed))) == (1, 3)
