"""Bulk revert of field writes on the embedded CRM, beside what a CRM's own batch and rate limits would allow.

The limits are HubSpot's lowest: 100 records a call, 100 calls in 10 seconds. Each slice takes three calls, to read, to
write and to read back, so 10,000 records are 300 calls: 100 at once, 100 after ten seconds, 100 after twenty. Nothing
of ours is skipped: each record is a request with its decision, votes' digest, claim, recovery points and ledger events.

What is measured is the job from its start to `finished`, by one worker: first the changes of an agent, then the reverts
themselves, and so on, as often as there is time. The dry run has a row of its own, measured against the two calls that
it makes for a hundred records.
"""

import math
import time
from statistics import median
from typing import Any
from uuid import UUID

from approvals.domain.bulk_choice import Choice
from approvals.models import BulkRevert
from approvals.services.bulk_reverts import plan_bulk_revert, start_bulk_revert
from approvals.services.bulk_turn import work_on_bulk_reverts
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from governance.models import ChangeProposal
from governance.services.change_proposals import countersign_change
from tests.builders.api import Site, make_site
from tests.builders.approvals import execute, make_approver, submit
from tests.builders.crm_connectors import make_record
from tests.builders.governance import allow

SIZE = 10_000
RECORDS_A_CALL, CALLS, WINDOW_SECONDS = 100, 100, 10.0
WRITING_CALLS, PLANNING_CALLS = 3, 2


def run(seconds: float) -> list[dict[str, Any]]:
    """Two rows: the dry run, and the reverts."""
    slug = f"bench-{new_id().hex[-12:]}"
    site = make_site(slug, agent_name=f"agent.{slug}")
    second = _second_person(site)
    _write(site, _count(seconds))
    choice = Choice(agent=site.world.agent.pk)
    planned: list[float] = []
    reverted: list[float] = []
    until = time.monotonic() + seconds
    while not reverted or (time.monotonic() < until and len(reverted) < 8):
        job_id, rate = _plan(site, choice)
        planned.append(rate)
        reverted.append(_revert(site, job_id, second))
        choice = Choice(bulk_revert=job_id)
    return [
        _row("bulk revert, dry run", planned, PLANNING_CALLS),
        _row("bulk revert", reverted, WRITING_CALLS),
    ]


def _count(seconds: float) -> int:
    """How many changes: a whole SIZE where there is a minute or more, for each has to be written first."""
    return SIZE if seconds >= 60 else max(200, min(SIZE, int(100 * seconds)))


def _write(site: Site, count: int) -> None:
    for number in range(count):
        record = make_record(site.connection_id, "companies", name=f"Company {number}", numberofemployees=100)
        submission = submit(site, target={"object": "companies", "id": record})
        assert execute(submission.request_id) == "executed"


def _second_person(site: Site) -> dict[str, Any]:
    person, user = make_approver(site, f"Bo {site.world.workspace.slug}")
    allow(user, site.world.workspace, "countersign_changes")
    return {"person_id": person.pk, "user_id": user.pk}


def _plan(site: Site, choice: Choice) -> tuple[UUID, float]:
    """A dry run, and its items a second."""
    job_id = plan_bulk_revert(workspace_id=site.world.workspace.pk, choice=choice, **_first(site), now=get_now())
    began = time.perf_counter()
    _work_until(job_id, "planned")
    job = BulkRevert.objects.get(pk=job_id)
    assert job.taken_up == job.total > 0
    return job_id, job.total / (time.perf_counter() - began)


def _revert(site: Site, job_id: UUID, second: dict[str, Any]) -> float:
    """Start it, as two people, and work it off; reverts a second."""
    job = BulkRevert.objects.get(pk=job_id)
    start_bulk_revert(job_id=job_id, digest=job.digest, reason="bench", **_first(site), now=get_now())
    job.refresh_from_db()
    if isinstance(job.proposal, ChangeProposal):
        countersign_change(proposal_id=job.proposal.pk, **second, now=get_now())
    began = time.perf_counter()
    _work_until(job_id, "finished")
    taken = time.perf_counter() - began
    assert job.items.filter(result="reverted").count() == job.total
    return job.total / taken


def _work_until(job_id: UUID, state: str) -> None:
    while BulkRevert.objects.values_list("state", flat=True).get(pk=job_id) != state:
        work_on_bulk_reverts(seconds=60, worker="bench")


def _first(site: Site) -> dict[str, Any]:
    return {"person_id": site.world.approver.pk, "user_id": site.world.approver_user.pk}


def _limit(calls_a_slice: int) -> float:
    """Records a second that the limits allow for SIZE of them, the first window's burst counted in."""
    calls = math.ceil(SIZE / RECORDS_A_CALL) * calls_a_slice
    return SIZE / (max(1, math.ceil(calls / CALLS) - 1) * WINDOW_SECONDS)


def _row(name: str, rates: list[float], calls: int) -> dict[str, Any]:
    reference = _limit(calls)
    ratio = median(rates) / reference
    return {
        "name": f"{name}, {calls} calls for {RECORDS_A_CALL} records",
        "ours": median(rates),
        "reference": reference,
        "unit": "records/s",
        "ratio": ratio,
        "gate": "≥ 0.5 ×",
        "goal": "≥ 0.9 ×",
        "spread": f"{min(rates):.0f}–{max(rates):.0f}",
        "ok": ratio >= 0.5,
    }
