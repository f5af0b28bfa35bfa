"""The dry run: which requests are chosen, and what a revert of each would meet (RVT-02, RVT-03, RVT-05)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from approvals.domain.bulk_choice import load_choice
from approvals.domain.bulk_revert import TAKEN_UP, BulkState, Key, plan_digest
from approvals.models import AgentActionRequest, BulkRevert, BulkRevertItem
from approvals.selectors.bulk_reverts import (
    JOINED,
    UNREAD,
    after_cursor,
    chosen_requests,
    count_findings,
    get_attempts,
    key_of,
    list_live_reverts,
)
from approvals.selectors.of_agents import concerned_agents
from approvals.services.bulk_finding import Look, find_item
from approvals.services.bulk_jobs import bulk_event, release_job, save_job
from approvals.services.bulk_reading import read_records
from approvals.services.surroundings import Surroundings
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.append import append_event
from audit.services.changed_rows import change_rows, write_changes
from crm_connectors.port import ConnectorError
from governance.domain.facts import JsonValue, SwitchFacts
from governance.models import User
from governance.selectors.held import get_held

COLLECTED = 500
LOOKED_AT = 200
_TROUBLE = timedelta(seconds=30)


def plan_step(job: BulkRevert) -> bool:
    """One step of a dry run; False when there is no more to do now. Never inside a transaction.

    Each step commits by itself: a worker that dies leaves the job where the last one put it.
    """
    if not job.is_collected:
        return _collect(job, get_now())
    if job.looked < job.total:
        return _look(job)
    _finish(job, get_now())
    return False


def _collect(job: BulkRevert, now: datetime) -> bool:
    """The next requests of the choice as items. What the person may not see is never among them."""
    choice = load_choice(job.choice)
    scope = get_held(User.objects.get(pk=job.user_id)).get_scope(job.workspace_id, "view_requests", "revert_requests")
    left = min(COLLECTED, choice.last - job.total) if choice.last else COLLECTED
    rows = chosen_requests(workspace_id=job.workspace_id, choice=choice, agents=scope)
    found = list(after_cursor(rows, _cursor(job)).defer("body", "facts", "decision")[:left])
    attempts = get_attempts(found)
    items = [
        BulkRevertItem(
            bulk_revert=job,
            position=job.total + place,
            request=request,
            connection_id=request.connection_id,
            object_type=request.object_type,
            record_id=request.record_id or attempts[request.pk].result_record_id,
        )
        for place, request in enumerate(found)
    ]
    total = job.total + len(items)
    is_collected = len(found) < COLLECTED or (choice.last is not None and total >= choice.last)
    with transaction.atomic():
        columns: dict[str, Any] = {"total": total, "is_collected": is_collected}
        if found and found[-1].finished_at is not None:
            columns["cursor"] = [found[-1].finished_at.isoformat(), str(found[-1].pk)]
        if not save_job(job, now=now, **columns):
            return False
        BulkRevertItem.objects.bulk_create(items)
    return True


def _cursor(job: BulkRevert) -> tuple[datetime, UUID] | None:
    return (datetime.fromisoformat(job.cursor[0]).astimezone(UTC), UUID(job.cursor[1])) if job.cursor else None


def _look(job: BulkRevert) -> bool:
    """Class the next items. The CRM is read before the one transaction that keeps the findings."""
    items = _next_items(job)
    around = Surroundings(workspace_id=job.workspace_id, person_id=job.planned_by_id, switches=SwitchFacts())
    try:
        seen = read_records(items, around=around, with_changes=True)
    except ConnectorError as error:
        release_job(job, not_before=get_now() + _TROUBLE, note=f"the CRM cannot be read now: {error}")
        return False
    now = get_now()
    requests = [item.request for item in items]
    look = Look(
        seen=seen,
        attempts=get_attempts(requests),
        live=list_live_reverts(request.pk for request in requests),
        scope=get_held(User.objects.get(pk=job.user_id)).get_scope(job.workspace_id, "revert_requests"),
        concerned=concerned_agents(requests),
        around=around,
        planned=_planned_values(job, items),
        now=now,
    )
    for item in items:
        find_item(item, look)
    with transaction.atomic():
        if not save_job(job, now=now, looked=job.looked + len(items), note=""):
            return False
        rows = [(item.pk, str(item.finding), item.code, item.needs_person, item.fields) for item in items]
        columns = ("finding", "code", "needs_person", "fields")
        write_changes(change_rows(BulkRevertItem, keys=("id",), columns=columns, rows=rows))
    return True


def _next_items(job: BulkRevert) -> list[BulkRevertItem]:
    rows = job.items.filter(position__gte=job.looked, position__lt=job.looked + LOOKED_AT).order_by("position")
    items = list(rows)
    requests = AgentActionRequest.objects.select_related(*JOINED).defer(*UNREAD)
    wanted = requests.in_bulk([item.request_id for item in items])
    for item in items:
        item.request = wanted[item.request_id]
    return items


def _planned_values(job: BulkRevert, items: list[BulkRevertItem]) -> dict[Key, dict[str, JsonValue]]:
    """What the items before these will have put back on the same records, by field: the last one counts."""
    planned: dict[Key, dict[str, JsonValue]] = {}
    rows = job.items.filter(
        position__lt=job.looked,
        finding__in=TAKEN_UP,
        record_id__in={item.record_id for item in items},
        connection_id__in={item.connection_id for item in items},
    )
    for row in rows.order_by("position").iterator(chunk_size=500):
        planned.setdefault(key_of(row), {}).update({field["field"]: field["before"] for field in row.fields})
    return planned


def _finish(job: BulkRevert, now: datetime) -> None:
    """The plan is whole: its totals and its digest, with `bulk_revert.planned`."""
    counts = count_findings(job)
    digest = plan_digest(_digested(job), choice=job.choice)
    with transaction.atomic():
        is_ours = save_job(
            job,
            now=now,
            state=BulkState.PLANNED.value,
            counts=counts,
            taken_up=sum(counts.get(finding.value, 0) for finding in TAKEN_UP),
            digest=digest,
            planned_at=now,
        )
        if is_ours:
            actor = Actor("human", str(job.planned_by_id))
            append_event(bulk_event(job, "planned", actor, items=job.total, counts=counts, choice=job.choice), now=now)
    release_job(job)


def _digested(job: BulkRevert) -> Iterator[Mapping[str, object]]:
    """What a start would do: the items that it takes up, with the values that it writes and those that it expects."""
    rows = job.items.filter(finding__in=TAKEN_UP).order_by("position")
    for item in rows.iterator(chunk_size=500):
        fields = [[field["field"], field["before"], field["ours"]] for field in item.fields]
        yield {"request": str(item.request_id), "record": item.record_id, "fields": msgspec.to_builtins(fields)}
