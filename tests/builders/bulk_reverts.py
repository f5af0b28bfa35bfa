"""Bulk reverts: many executed changes of one agent, and a job over them, worked as a worker works it."""

from typing import Any
from uuid import UUID

from approvals.domain.bulk_choice import Choice
from approvals.models import AgentActionRequest, BulkRevert, BulkRevertItem
from approvals.services.bulk_reverts import plan_bulk_revert, start_bulk_revert
from approvals.services.bulk_turn import work_on_bulk_reverts
from audit.selectors.clock import get_now
from crm_connectors.services.embedded_edit import edit_record
from governance.models import Person, User
from tests.builders.api import Site
from tests.builders.approvals import submit_executed
from tests.builders.crm_connectors import make_record


def write_some(site: Site, count: int) -> list[AgentActionRequest]:
    """As many companies, each with one executed change of `numberofemployees` from 100 to 220."""
    return [write_one(site, make_company(site, f"Company {number}")) for number in range(count)]


def make_company(site: Site, name: str) -> str:
    return make_record(site.connection_id, "companies", name=name, numberofemployees=100)


def write_one(site: Site, record: str, *, before: int = 100, after: int = 220, **changes: Any) -> AgentActionRequest:
    """One executed change of a company."""
    body = {
        "target": {"object": "companies", "id": record},
        "changes": {"numberofemployees": after},
        "expected": {"numberofemployees": before},
    }
    return submit_executed(site, **{**body, **changes})


def edit(site: Site, record: str, *, actor: str = "human:petra", **values: Any) -> None:
    edit_record(
        connection_id=site.connection_id,
        object_type="companies",
        record_id=record,
        values=values,
        actor=actor,
        now=get_now(),
    )


def plan(
    site: Site, choice: Choice | None = None, *, person: Person | None = None, user: User | None = None
) -> BulkRevert:
    """A finished dry run of all that the world's agent did, unless told otherwise."""
    job_id = plan_bulk_revert(
        workspace_id=site.world.workspace.pk,
        choice=choice or Choice(agent=site.world.agent.pk),
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        now=get_now(),
    )
    work()
    return BulkRevert.objects.get(pk=job_id)


def start(
    site: Site,
    job: BulkRevert,
    *,
    digest: str = "",
    reason: str = "wrong source",
    person: Person | None = None,
    user: User | None = None,
) -> str:
    return start_bulk_revert(
        job_id=job.pk,
        digest=digest or job.digest,
        reason=reason,
        person_id=(person or site.world.approver).pk,
        user_id=(user or site.world.approver_user).pk,
        now=get_now(),
    )


def work(turns: int = 30) -> None:
    """What a worker does until nothing is due."""
    for _ in range(turns):
        BulkRevert.objects.update(not_before=None)
        if not work_on_bulk_reverts(seconds=30, worker="test"):
            return


def findings(job: BulkRevert) -> dict[UUID, str]:
    return dict(BulkRevertItem.objects.filter(bulk_revert=job).values_list("request_id", "finding"))


def results(job: BulkRevert) -> dict[UUID, str]:
    return dict(BulkRevertItem.objects.filter(bulk_revert=job).values_list("request_id", "result"))
