"""Making the files of exports: a page of events after the other, resumed where a worker died (ADR 0004)."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from approvals.adapters.export_file import WorkbookTooLongError, append_rows, finish_file
from approvals.domain.ledger_query import LedgerQuery, UnreadableQueryError
from approvals.domain.notification_kinds import Kind
from approvals.models import ExportPlan, LedgerExport
from approvals.services.ledger_exports import KEPT, PERMISSION, Asker, close_plan, expire_exports, make_export
from approvals.services.ledger_search import search_ids
from approvals.services.notifications import notify
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.selectors.events import LedgerEntry, list_entries
from governance.models import User
from governance.selectors.access import may

PAGE = 500
LEASE = timedelta(minutes=5)
"""Longer than a workbook takes to pack"""
log = structlog.get_logger(__name__)


def work_on_exports(*, seconds: float) -> bool:
    """Start what is planned, drop what expired, and work on the oldest export for about `seconds`; False when none is
    due. Never called inside a transaction."""
    now = get_now()
    expire_exports(now=now)
    start_planned(now=now)
    export = _take(now)
    if export is None:
        return False
    ends_at = time.monotonic() + seconds
    try:
        while _step(export) and time.monotonic() < ends_at:
            pass
    except (UnreadableQueryError, WorkbookTooLongError) as error:
        _keep(export, state="failed", note=str(error)[:200], finished_at=get_now())
    except Exception:
        log.exception("an export broke its worker", ledger_export=str(export.pk))
        raise
    _keep(export, taken_until=None)
    return True


def start_planned(*, now: datetime) -> int:
    """An export for every plan that is due; whoever lost the right gets none, and the plan ends."""
    count = 0
    for plan in ExportPlan.objects.select_related("workspace").filter(next_at__lte=now)[:50]:
        user = User.objects.filter(pk=plan.user_id).first()
        if user is None or not may(user, PERMISSION, plan.workspace_id):
            with transaction.atomic():
                close_plan(plan, actor=Actor("system", "exports"), now=now)
            continue
        with transaction.atomic():
            step = timedelta(days=plan.every_days)
            on_time = plan.next_at + step
            following = on_time if on_time > now else now + step  # what was missed is made once
            if not ExportPlan.objects.filter(pk=plan.pk, next_at=plan.next_at).update(next_at=following):
                continue  # another worker was faster
            asker = Asker(person_id=plan.person_id, user_id=plan.user_id)
            make_export(workspace=plan.workspace, query=plan.query, kind=plan.kind, asker=asker, plan=plan, now=now)
        count += 1
    return count


def _take(now: datetime) -> LedgerExport | None:
    free = Q(taken_until__isnull=True) | Q(taken_until__lt=now)
    export = (
        LedgerExport.objects.select_related("workspace").filter(free, state="working").order_by("created_at").first()
    )
    if export is None or not LedgerExport.objects.filter(free, pk=export.pk).update(taken_until=now + LEASE):
        return None
    export.taken_until = now + LEASE
    return export


def _step(export: LedgerExport) -> bool:
    """A page of events, or the end; False when nothing is left to do.

    INVARIANT: the file is written before the row that says how long it is; what is beyond that is cut off.
    """
    query = LedgerQuery(**export.query)
    found = search_ids(query, workspace=export.workspace, before=export.cursor, limit=PAGE)
    if not _keep(export, taken_until=get_now() + LEASE):
        return False  # who takes over writes to the same file
    rows = _rows(list_entries(found.ids, workspace=export.workspace.slug))
    size = append_rows(export.pk, export.kind, rows, at=export.written_bytes)
    count = export.rows_count + len(found.ids)
    if found.next is not None:
        return _keep(export, cursor=found.next, written_bytes=size, rows_count=count, taken_until=get_now() + LEASE)
    finish_file(export.pk, export.kind, rows_count=count)
    _finish(export, count)
    return False


def _finish(export: LedgerExport, count: int) -> None:
    now = get_now()
    with transaction.atomic():
        done = _keep(export, state="done", rows_count=count, finished_at=now, expires_at=now + KEPT)
        if done and export.plan_id is not None:
            path = f"{reverse('approvals:ledger_exports')}?{urlencode({'workspace': export.workspace.slug})}"
            notify(
                workspace_id=export.workspace_id,
                kind=Kind.LEDGER_EXPORT,
                key=str(export.pk),
                title=f"Your planned export of the ledger is ready: {count:,} events",
                path=path,
                person_ids=[export.person_id],
                now=now,
                facts=[("Kept until", f"{now + KEPT:%d %b %Y}")],
            )


def _rows(entries: Sequence[LedgerEntry]) -> list[dict[str, object]]:
    """As they were recorded; erasable values are not exported."""
    return [
        {
            "leaf_index": entry.leaf_index,
            "at": entry.at,
            "type": entry.type,
            "actor_type": entry.actor.type,
            "actor_id": entry.actor.id,
            "subject_type": entry.subject.type,
            "subject_id": entry.subject.id,
            "correlation_id": entry.correlation_id,
            "id": entry.id,
            "data": entry.data,
            "commitments": entry.commitments,
        }
        for entry in entries
    ]


def _keep(export: LedgerExport, **columns: object) -> bool:
    """Write to the job while it is this worker's; False when it is not any more."""
    ours = LedgerExport.objects.filter(pk=export.pk, state="working", taken_until=export.taken_until)
    if not ours.update(**columns):
        return False
    for name, value in columns.items():
        setattr(export, name, value)
    return True
