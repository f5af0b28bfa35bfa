"""A worker of a bulk revert is killed with SIGKILL around every step: nothing is lost, nothing is done twice (F3, F30).

Invariant 9. The CRM's own history is what is counted. What kills sits in the tests: the product has no switch for it.
"""

import signal
import time

import pytest

from approvals.models import AgentActionRequest, BulkRevert
from approvals.services import bulk_jobs, bulk_planning, bulk_working, execution_together
from approvals.services.bulk_turn import work_on_bulk_reverts
from approvals.services.sweep import run_due
from crm_connectors.embedded.connector import EmbeddedConnector
from tests.approvals.faults.test_killed_worker import dying, run_in_child
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, crm_value, get
from tests.builders.bulk_reverts import make_company, plan, results, start, write_one, write_some

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = (
    ("slice_read", EmbeddedConnector, "read_many"),
    ("reverts_made", bulk_working, "append_events"),
    ("slice_saved", bulk_working, "save_job"),
    ("claimed", execution_together, "claim_together"),
    ("before_read", execution_together, "commit_before_read"),
    ("second_gate", execution_together, "pass_second_gate"),
    ("sent", EmbeddedConnector, "send_many"),
    ("verified", execution_together, "commit_verified"),
    ("recorded", execution_together, "settle_executed"),
    ("outcomes", bulk_working, "result_of"),
    ("finished", bulk_jobs, "append_event"),
)


def survive(job: BulkRevert) -> None:
    """Other workers find what is due, until the job has ended."""
    for _ in range(100):
        AgentActionRequest.objects.filter(not_before__isnull=False).update(not_before=None)
        BulkRevert.objects.update(not_before=None, taken_until=None)  # the lease of the dead one has run out
        run_due(worker="survivor")
        work_on_bulk_reverts(seconds=10, worker="survivor")
        job.refresh_from_db()
        if job.state == "finished":
            return
        time.sleep(0.05)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("step", "owner", "name"), STEPS, ids=[step[0] for step in STEPS])
def test_a_killed_worker_loses_no_revert_and_doubles_none(step, owner, name, when):
    site = make_site()
    twice = make_company(site, "Twice")
    chain = [write_one(site, twice, before=100, after=200), write_one(site, twice, before=200, after=300)]
    requests = [*write_some(site, 2), *chain]
    job = plan(site)
    start(site, job)
    real = getattr(owner, name)

    def work() -> None:
        setattr(owner, name, dying(real, when))
        work_on_bulk_reverts(seconds=30, worker="doomed")

    assert run_in_child(work) == signal.SIGKILL
    survive(job)

    assert set(results(job).values()) == {"reverted"}
    for request in requests:
        (revert,) = AgentActionRequest.objects.filter(reverses=request)
        assert (revert.status, count_writes(revert.pk), get(request.pk).status) == ("executed", 1, "reverted")
        assert crm_value(site, "numberofemployees", record=request.record_id) == 100


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ["chosen_requests", "read_records", "save_job", "plan_digest"])
def test_a_worker_killed_while_planning_leaves_the_same_plan(name, when):
    site = make_site()
    write_some(site, 3)
    undisturbed = plan(site)
    job = BulkRevert.objects.create(
        workspace_id=undisturbed.workspace_id,
        choice=undisturbed.choice,
        planned_by_id=undisturbed.planned_by_id,
        user_id=undisturbed.user_id,
        created_at=undisturbed.created_at,
    )
    real = getattr(bulk_planning, name)

    def work() -> None:
        setattr(bulk_planning, name, dying(real, when))
        work_on_bulk_reverts(seconds=30, worker="doomed")

    assert run_in_child(work) == signal.SIGKILL
    for _ in range(10):
        BulkRevert.objects.update(not_before=None, taken_until=None)
        work_on_bulk_reverts(seconds=10, worker="survivor")

    job.refresh_from_db()
    assert (job.state, job.total, job.taken_up, job.digest) == ("planned", 3, 3, undisturbed.digest)


def test_two_workers_at_once_double_nothing():
    """A worker that was paused past its lease goes on beside the next one."""
    site = make_site()
    requests = write_some(site, 4)
    job = plan(site)
    start(site, job)
    late = bulk_jobs.take_job(now=bulk_working.get_now())
    assert late is not None
    survive(job)

    assert bulk_working.work_step(late, worker="late") is False
    assert [AgentActionRequest.objects.filter(reverses=request).count() for request in requests] == [1, 1, 1, 1]
    assert set(results(job).values()) == {"reverted"}
