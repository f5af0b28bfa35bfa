"""A slice of a bulk revert asks the database as often for a dozen items as for two (RVT-02, EXE-02)."""

import pytest
from django.db import connection
from django.db.models import F

from approvals.models import AgentActionRequest
from approvals.services import bulk_working, execution_together
from approvals.services.bulk_jobs import take_job
from approvals.services.bulk_planning import plan_step
from approvals.services.bulk_reverts import plan_bulk_revert
from audit.selectors.clock import get_now
from audit.services.barrier import forget_barrier
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, crm_value
from tests.builders.bulk_reverts import Choice, plan, results, start, work, write_some

pytestmark = pytest.mark.django_db

# Claim, recovery points and ends with their events, the reverts themselves, and the embedded CRM's own statements.
MOST = {"postgresql": 85, "sqlite": 100}


def count_statements(work):
    """Without the savepoints that stand for transactions in a test."""
    asked = []

    def note(run, sql, parameters, many, context):
        asked.append(sql)
        return run(sql, parameters, many, context)

    forget_barrier()  # its look is at most a second old: here it is always made
    with connection.execute_wrapper(note):
        work()
    return len([sql for sql in asked if "SAVEPOINT" not in sql])


def take():
    job = take_job(now=get_now())
    assert job is not None
    return job


def revert(count):
    """Statements of one slice, whose reverts are all executed."""
    site = make_site(f"acme-{count}", agent_name=f"agent.of.{count}")
    requests = write_some(site, count)
    job = plan(site)
    start(site, job)
    taken = take()
    asked = count_statements(lambda: bulk_working.work_step(taken, worker="test"))
    assert list(results(job).values()) == ["reverted"] * count
    assert {crm_value(site, "numberofemployees", record=request.record_id) for request in requests} == {100}
    bulk_working.work_step(taken, worker="test")  # finished: the next one's turn
    return asked


def test_a_slice_costs_the_same_whatever_its_size():
    revert(3)  # statements are put into words at their first use
    few, many = revert(2), revert(12)

    assert few == many <= MOST[connection.vendor]


def revert_again(count):
    """Statements of one slice that takes the reverts of another job back."""
    site = make_site(f"initech-{count}", agent_name=f"agent.beyond.{count}")
    write_some(site, count)
    first = plan(site)
    start(site, first)
    work(turns=2)
    second = plan(site, Choice(bulk_revert=first.pk))
    start(site, second)
    taken = take()
    asked = count_statements(lambda: bulk_working.work_step(taken, worker="test"))
    assert list(results(second).values()) == ["reverted"] * count
    bulk_working.work_step(taken, worker="test")
    return asked


def test_a_slice_of_reverts_of_reverts_costs_the_same_whatever_its_size():
    """Whose agent's request each is in the end decides who may take it back: that is looked up for all at once."""
    revert_again(3)

    assert revert_again(2) == revert_again(12)


def look(count):
    """Statements of a dry run, from its choice to its digest."""
    site = make_site(f"umbrella-{count}", agent_name=f"agent.over.{count}")
    write_some(site, count)
    plan_bulk_revert(
        workspace_id=site.world.workspace.pk,
        choice=Choice(agent=site.world.agent.pk),
        person_id=site.world.approver.pk,
        user_id=site.world.approver_user.pk,
        now=get_now(),
    )
    taken = take()

    def run():
        while plan_step(taken):
            pass

    return count_statements(run)


def test_a_dry_run_costs_the_same_whatever_its_size():
    assert look(2) == look(12)


@pytest.mark.parametrize("step", ["commit_before_read", "pass_second_gate", "commit_verified", "settle_executed"])
def test_one_that_was_taken_over_on_the_way_keeps_none_of_the_others_back(monkeypatch, step):
    """F4: the fence fails for all of a statement, and then each goes by itself."""
    site = make_site()
    requests = write_some(site, 3)
    job = plan(site)
    start(site, job)
    real, taken_over = getattr(execution_together, step), []

    def overtaken(items):
        if not taken_over:
            taken_over.append(AgentActionRequest.objects.get(reverses=requests[1]))
            AgentActionRequest.objects.filter(pk=taken_over[0].pk).update(epoch=F("epoch") + 1)
        return real(items)

    monkeypatch.setattr(execution_together, step, overtaken)
    work(turns=1)

    reverts = AgentActionRequest.objects.filter(reverses__in=requests)
    assert sorted(reverts.values_list("status", flat=True)) == ["executed", "executed", "executing"]
    assert reverts.get(status="executing") == taken_over[0]
    is_sent = step in ("commit_verified", "settle_executed")
    assert count_writes(taken_over[0].pk) == (1 if is_sent else 0)
