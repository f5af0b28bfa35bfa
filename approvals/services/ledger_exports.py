"""Exports of what a search finds: asked for, planned, downloaded, forgotten (AUD-04). A worker makes the files."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from approvals.adapters.export_file import finished_path, remove_files
from approvals.domain.ledger_query import LedgerQuery
from approvals.models import ExportPlan, LedgerExport
from approvals.models.ledger_export import FORMATS
from approvals.services.ledger_search import check_query
from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.models import Workspace
from governance.selectors.access import ensure_may

PERMISSION = "view_ledger"
KEPT = timedelta(days=7)
MOST_OPEN = 5
_KINDS = frozenset(kind for kind, _ in FORMATS)


class LedgerExportError(ValueError):
    """What cannot be exported now. The words are for people."""

    code = "ledger_export_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks for it, and by which login."""

    person_id: UUID
    user_id: int


def start_export(*, workspace: Workspace, query: LedgerQuery, kind: str, asker: Asker, now: datetime) -> UUID:
    """Queue an export; returns its id. Commits the job and `ledger.export_started`.

    Raises LedgerExportError, UnreadableQueryError, NotAllowedError, LedgerUnavailableError.
    """
    _ensure(workspace, query, kind, asker)
    working = LedgerExport.objects.filter(workspace=workspace, person_id=asker.person_id, state="working")
    if working.count() >= MOST_OPEN:
        raise LedgerExportError(f"{MOST_OPEN} exports of yours are being made: wait for one")
    with transaction.atomic():
        return make_export(workspace=workspace, query=query.as_dict(), kind=kind, asker=asker, plan=None, now=now)


def plan_export(
    *, workspace: Workspace, query: LedgerQuery, kind: str, every_days: int, asker: Asker, now: datetime
) -> UUID:
    """The same every day (1) or week (7), from now on; returns the plan's id.

    Commits the plan and `ledger.export_planned`. Raises as above."""
    _ensure(workspace, query, kind, asker)
    if every_days not in (1, 7):
        raise LedgerExportError("choose daily or weekly")
    if ExportPlan.objects.filter(workspace=workspace, person_id=asker.person_id).count() >= MOST_OPEN:
        raise LedgerExportError(f"you have {MOST_OPEN} plans: end one first")
    with transaction.atomic():
        plan = ExportPlan.objects.create(
            workspace=workspace,
            query=query.as_dict(),
            kind=kind,
            every_days=every_days,
            next_at=now,
            person_id=asker.person_id,
            user_id=asker.user_id,
        )
        append_event(_plan_event(plan, "ledger.export_planned", Actor("human", str(asker.person_id))), now=now)
    return plan.pk


def end_plan(*, plan_id: UUID, workspace: Workspace, asker: Asker, now: datetime) -> None:
    """Nothing is made by it any more; what was made stays its time. A plan that is gone stays gone.

    Commits it and `ledger.export_plan_ended`. Raises NotAllowedError, LedgerUnavailableError.
    """
    ensure_may(user_id=asker.user_id, permission=PERMISSION, workspace_id=workspace.pk)
    with transaction.atomic():
        plan = ExportPlan.objects.select_for_update().filter(pk=plan_id, workspace=workspace).first()
        if plan is None:
            return
        close_plan(plan, actor=Actor("human", str(asker.person_id)), now=now)


def close_plan(plan: ExportPlan, *, actor: Actor, now: datetime) -> None:
    """The plan goes with its event, in the caller's transaction. Raises LedgerUnavailableError."""
    append_event(_plan_event(plan, "ledger.export_plan_ended", actor), now=now)
    plan.delete()


def make_export(
    *, workspace: Workspace, query: dict[str, str], kind: str, asker: Asker, plan: ExportPlan | None, now: datetime
) -> UUID:
    """The job and its event, in the caller's transaction."""
    export = LedgerExport.objects.create(
        workspace=workspace,
        plan=plan,
        query=query,
        kind=kind,
        person_id=asker.person_id,
        user_id=asker.user_id,
        created_at=now,
    )
    append_event(_event(export, "ledger.export_started", asker.person_id, {"planned": plan is not None}), now=now)
    return export.pk


def download_export(*, export_id: UUID, workspace: Workspace, asker: Asker, now: datetime) -> tuple[Path, str]:
    """Where the file lies and what it is called, put on record first: none leaves unrecorded.

    Commits `ledger.export_downloaded`. Raises LedgerExportError, NotAllowedError, LedgerUnavailableError.
    """
    ensure_may(user_id=asker.user_id, permission=PERMISSION, workspace_id=workspace.pk)
    export = LedgerExport.objects.select_related("workspace").filter(pk=export_id, workspace=workspace).first()
    path = finished_path(export_id, export.kind) if export is not None else None
    is_there = export is not None and export.state == "done" and path is not None and path.exists()
    if export is None or path is None or not is_there or export.expires_at is None or export.expires_at <= now:
        raise LedgerExportError("there is no such file, or its time is up")
    with transaction.atomic():
        append_event(_event(export, "ledger.export_downloaded", asker.person_id, {"rows": export.rows_count}), now=now)
    return path, f"ledger-{workspace.slug}-{export.created_at:%Y-%m-%d}.{export.kind}"


def expire_exports(*, now: datetime) -> int:
    """Remove files whose time is up; returns how many."""
    due = list(LedgerExport.objects.filter(state="done", expires_at__lte=now).values_list("pk", flat=True)[:100])
    for export_id in due:
        remove_files(export_id)
        LedgerExport.objects.filter(pk=export_id).update(state="expired")
    return len(due)


def _ensure(workspace: Workspace, query: LedgerQuery, kind: str, asker: Asker) -> None:
    ensure_may(user_id=asker.user_id, permission=PERMISSION, workspace_id=workspace.pk)
    if kind not in _KINDS:
        raise LedgerExportError("choose CSV, Excel or JSON lines")
    check_query(query, workspace=workspace)


def _plan_event(plan: ExportPlan, type_: str, actor: Actor) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=plan.workspace.slug,
        actor=actor,
        subject=Subject("export_plan", str(plan.pk)),
        correlation_id=f"export-plan-{plan.pk}",
        data={"format": plan.kind, "criteria": sorted(plan.query), "every_days": plan.every_days},
    )


def _event(export: LedgerExport, type_: str, person_id: UUID, more: dict[str, object]) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=export.workspace.slug,
        actor=Actor("human", str(person_id)),
        subject=Subject("ledger_export", str(export.pk)),
        correlation_id=f"ledger-export-{export.pk}",
        data={"format": export.kind, "criteria": sorted(export.query), **more},
    )
