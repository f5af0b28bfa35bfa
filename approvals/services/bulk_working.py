"""Working off a bulk revert: a slice at a time, each a set of ordinary reverts through the ordinary street (RVT-02).

A slice reads its records in one call, makes its requests in one transaction and executes what may be executed at once
together. Whatever dies in between, the tables say what is left: an item has its revert or it has none, in the very
transaction that makes the revert, and what was made is executed by whoever finds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from approvals.dispatch import nudge
from approvals.domain.bulk_revert import OPEN, BulkState, Result, choose_free, result_of
from approvals.domain.judgement import Judgement
from approvals.domain.operations import Compensation, compensation_of, revert_action
from approvals.domain.status import TERMINAL, Status
from approvals.domain.switches import stopped_by
from approvals.models import AgentActionRequest, BulkRevert, BulkRevertItem
from approvals.selectors.bulk_releases import read_job_stops
from approvals.selectors.bulk_reverts import (
    JOINED,
    UNREAD,
    count_results,
    get_attempts,
    key_of,
    list_busy,
    list_live_reverts,
    list_open,
)
from approvals.selectors.of_agents import concerned_agents
from approvals.services.bulk_finding import compare_item, is_empty_inverse
from approvals.services.bulk_jobs import bulk_event, end_job, lock_job, release_job, save_job
from approvals.services.bulk_reading import read_records, record_of
from approvals.services.execution_together import execute_together
from approvals.services.gathering import read_switches
from approvals.services.revert_request import judge_revert, make_revert, revert_events
from approvals.services.surroundings import Surroundings
from audit.domain.event import Actor, NewEvent
from audit.selectors.clock import get_now
from audit.services.append import append_events
from audit.services.changed_rows import change_rows, write_changes
from audit.services.rows import insert, rows_of
from crm_connectors.port import BatchSender, ConnectorError
from crm_connectors.services.connectors import get_connector
from governance.models import User
from governance.selectors.held import AgentScope, get_held

SLICE = 100
"""As many as the batch endpoints of the CRMs take in one call."""
_ALONE = 20
"""As many of those that take a write call each: a slice ends well within its lease and a task's time limit."""
_WINDOW = 500
_PAUSE = timedelta(seconds=2)
_TROUBLE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class _Made:
    """One item and the revert that is to be made for it."""

    item: BulkRevertItem
    request: AgentActionRequest
    judgement: Judgement


def work_step(job: BulkRevert, *, worker: str) -> bool:
    """One slice of a running job; False when there is no more to do now. Never inside a transaction."""
    settle_outcomes(job)
    switches = read_job_stops(job, read_switches(workspace_id=job.workspace_id, agent_id=None))
    around = Surroundings(workspace_id=job.workspace_id, person_id=_starter(job), switches=switches)
    if stopped_by(around.switches, "human", "update"):
        release_job(job, not_before=get_now() + _PAUSE, note="held by a kill switch: it goes on when that is lifted")
        return False
    scope = _scope(job)
    if scope == frozenset():
        release_job(job, not_before=get_now() + _TROUBLE, note="whoever started it may not revert any more")
        return False
    items = _next_slice(job)
    if not items:
        _end_or_wait(job)
        return False
    try:
        made, settled = _prepare(job, items, around, scope)
    except ConnectorError as error:
        release_job(job, not_before=get_now() + _TROUBLE, note=f"the CRM cannot be read now: {error}")
        return False
    ids = _commit(job, made, settled)
    if ids is None:
        return False
    execute_together(ids, worker=worker)
    settle_outcomes(job)
    return True


def settle_outcomes(job: BulkRevert) -> None:
    """Note what became of the reverts that were made. Any number of times, by anyone."""
    rows = job.items.filter(result__in=OPEN, revert__isnull=False)
    rows.filter(result="").exclude(revert__status__in=TERMINAL).update(result=Result.WAITING)
    ended = rows.filter(revert__status__in=TERMINAL).values_list("pk", "revert__status", "revert__status_code")
    found = [(pk, result_of(status).value, code) for pk, status, code in ended[: 5 * SLICE]]
    if found:
        with transaction.atomic():
            write_changes(change_rows(BulkRevertItem, keys=("id",), columns=("result", "code"), rows=found))


def _starter(job: BulkRevert) -> Any:
    return job.started_by_id or job.planned_by_id


def _scope(job: BulkRevert) -> AgentScope:
    """The agents for which the person behind the job may revert now; none once they may not act any more."""
    user = User.objects.filter(pk=job.user_id, is_active=True, person_id=_starter(job), person__is_active=True).first()
    return get_held(user).get_scope(job.workspace_id, "revert_requests") if user is not None else frozenset()


def _next_slice(job: BulkRevert) -> list[BulkRevertItem]:
    """The next items whose records are free, their requests with all joined."""
    window = list_open(job, limit=_WINDOW)
    if not window:
        return []
    places = choose_free([key_of(item) for item in window], busy=list_busy(job), limit=SLICE)
    items = [window[place] for place in places]
    rows = AgentActionRequest.objects.select_related(*JOINED).defer(*UNREAD)
    requests = rows.in_bulk([item.request_id for item in items])
    for item in items:
        item.request = requests[item.request_id]
    return _bounded(items)


def _bounded(items: Sequence[BulkRevertItem]) -> list[BulkRevertItem]:
    """Those whose writes go together, and the first of those that take a call each. No two are of one record."""
    batching = {connection for connection in {item.connection_id for item in items} if _takes_batches(connection)}
    alone = [item.pk for item in items if item.connection_id not in batching or not _is_plain(item.request.action)]
    later = set(alone[_ALONE:])
    return [item for item in items if item.pk not in later]


def _is_plain(action: str) -> bool:
    """Whether what takes it back is a change of fields."""
    return compensation_of(action) is Compensation.INVERSE_PATCH


def _takes_batches(connection_id: UUID) -> bool:
    """Whether the connection's CRM takes several writes in one call; not where it cannot be asked."""
    try:
        return isinstance(get_connector(connection_id), BatchSender)
    except ConnectorError:
        return False


def _prepare(
    job: BulkRevert, items: Sequence[BulkRevertItem], around: Surroundings, scope: AgentScope
) -> tuple[list[_Made], list[BulkRevertItem]]:
    """The reverts to make, and the items that none is made for, with their results. Reads the CRM."""
    seen = read_records(items)
    attempts = get_attempts(item.request for item in items)
    agents = concerned_agents(item.request for item in items) if scope is not None else {}
    now = get_now()
    made: list[_Made] = []
    settled: list[BulkRevertItem] = []
    for item in items:
        record = record_of(seen, item)
        fields = compare_item(item, attempts[item.request_id], record, seen) if record is not None else ()
        if record is None or is_empty_inverse(item, fields):
            settled.append(_settled(item, Result.CONFLICT, "record_gone"))
        elif scope is not None and agents[item.request_id] not in scope:
            settled.append(_settled(item, Result.DENIED, "not_allowed"))
        elif any(field.is_edited for field in fields):
            settled.append(_settled(item, Result.CONFLICT, "edited_since"))
        elif not _is_as_planned(item, msgspec.to_builtins(fields)):
            settled.append(_settled(item, Result.CONFLICT, "plan_changed"))
        else:
            action = revert_action(compensation_of(item.request.action))
            judgement, version = judge_revert(item.request, action, record, fields, around=around, now=now)
            revert = make_revert(item.request, judgement, version, person_id=_starter(job), reason=job.reason, now=now)
            made.append(_Made(item, revert, judgement))
    return made, settled


def _is_as_planned(item: BulkRevertItem, fields: Sequence[dict[str, Any]]) -> bool:
    """INVARIANT: what is put back is what the dry run said, whose digest was started."""
    return [(row["field"], row["before"], row["ours"]) for row in fields] == [
        (row["field"], row["before"], row["ours"]) for row in item.fields
    ]


def _settled(item: BulkRevertItem, result: Result, code: str) -> BulkRevertItem:
    item.result, item.code = result, code
    return item


def _commit(job: BulkRevert, made: Sequence[_Made], settled: list[BulkRevertItem]) -> list[Any] | None:
    """The reverts with their events and their items, in one transaction; the ids of those that may be executed now,
    None when the job was paused, stopped or taken over."""
    now = get_now()
    with transaction.atomic():
        if not lock_job(job):
            return None
        free = _lock_originals(made)
        taken = [_settled(one.item, Result.FAILED, "revert_exists") for one in made if one.item.request_id not in free]
        made = [one for one in made if one.item.request_id in free]
        if made:
            insert(rows_of([one.request for one in made]))
        for one in made:
            one.item.revert, one.item.result = one.request, ""
        items = [(item.pk, item.revert_id, str(item.result), item.code) for item in _items(made, settled, taken)]
        write_changes(change_rows(BulkRevertItem, keys=("id",), columns=("revert_id", "result", "code"), rows=items))
        append_events(_events(job, made), now=now)
        save_job(job, now=now, note="")
    return [one.request.pk for one in made if one.request.status == Status.APPROVED]


def _items(made: Sequence[_Made], *settled: Sequence[BulkRevertItem]) -> list[BulkRevertItem]:
    return [*(one.item for one in made), *(item for items in settled for item in items)]


def _lock_originals(made: Sequence[_Made]) -> frozenset[Any]:
    """Those that are still executed and not being taken back; locked, so that it stays so until the commit."""
    ids = sorted(one.item.request_id for one in made)
    rows = AgentActionRequest.objects.select_for_update(of=("self",)).filter(pk__in=ids, status=Status.EXECUTED)
    locked = frozenset(rows.order_by("pk").values_list("pk", flat=True))
    return locked - list_live_reverts(locked)


def _events(job: BulkRevert, made: Sequence[_Made]) -> list[NewEvent]:
    return [event for one in made for event in revert_events(one.request, one.judgement, job.reason)]


def _end_or_wait(job: BulkRevert) -> None:
    """Finished when every item has its result; else looked at again soon."""
    is_open = job.items.filter(result__in=OPEN, revert__isnull=False).exists()
    if is_open or list_open(job, limit=1):
        waiting = list(job.items.filter(result=Result.WAITING, revert__status=Status.APPROVED)[:SLICE])
        for item in waiting:
            if item.revert_id is not None:
                nudge("execute", item.revert_id)
        release_job(job, not_before=get_now() + _PAUSE, note="")
        return
    now = get_now()
    event = bulk_event(job, "finished", Actor("system", "bulk_revert"), results=count_results(job))
    end_job(job, BulkState.FINISHED, event=event, now=now)
